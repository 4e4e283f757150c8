import { parseSync } from 'oxc-parser';

/** `import('…')` as a value, a type or within JSDoc, `require('…')`, and the address of a file that a thread or a process runs. */
const CALLED = /\b(?:import|require)\(\s*(['"`])([^'"`$]+)\1|\bnew URL\(\s*(['"`])([^'"`$]+\.[mc]?[jt]sx?)\3\s*,\s*import\.meta\.url/g;

/** @typedef {{ address: string, line: number }} Import */

/**
 * All that a file imports or exports anew, for its types alone too, with the line where it does.
 *
 * @param {string} file @param {string} text
 * @returns {{ imports: Import[], computed: number[] }} `computed`: lines of imports whose address only shows when they run
 */
export function importsOf(file, text) {
  const { module, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file} can't be read: ${errors[0].message}`);
  const exported = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? []));
  const stated = [...module.staticImports.map(({ moduleRequest }) => moduleRequest), ...exported];
  const called = [...text.matchAll(CALLED)].map((found) => ({ value: found[2] ?? found[4] ?? '', start: found.index }));
  const computed = module.dynamicImports.filter(({ moduleRequest: { start } }) => !/['"`]/.test(text[start] ?? ''));
  return {
    imports: [...stated, ...called].map(({ value, start }) => ({ address: value, line: lineAt(text, start) })),
    computed: computed.map(({ start }) => lineAt(text, start)),
  };
}

/** @param {string} text @param {number} at */
const lineAt = (text, at) => text.slice(0, at).split('\n').length;
