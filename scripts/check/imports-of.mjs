import { parseSync } from 'oxc-parser';

/** `import('…')` as a value, a type or within JSDoc, `require('…')`, and the address of a file that a thread or a process runs. */
const CALLED = /\b(?:import|require)\(\s*(['"`])([^'"`$]+)\1|\bnew URL\(\s*(['"`])([^'"`$]+\.[mc]?[jt]sx?)\3\s*,\s*import\.meta\.url/g;

/** @typedef {{ address: string, line: number, names: string[] | null }} Import `names`: null for all that is there */

/**
 * All that a file imports or exports anew, for its types alone too, with the line where it does.
 *
 * @param {string} file @param {string} text
 * @returns {{ imports: Import[], computed: number[] }} `computed`: lines of imports whose address only shows when they run
 */
export function importsOf(file, text) {
  const { module, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file} can't be read: ${errors[0].message}`);
  const imported = module.staticImports.map(({ moduleRequest, entries }) => ({ ...moduleRequest, names: namesOf(entries) }));
  const exported = module.staticExports.flatMap(({ entries }) =>
    entries.flatMap((entry) => (entry.moduleRequest ? { ...entry.moduleRequest, names: namesOf([entry]) } : [])),
  );
  const called = [...text.matchAll(CALLED)].map((found) => ({ value: found[2] ?? found[4] ?? '', start: found.index, names: null }));
  const computed = module.dynamicImports.filter(({ moduleRequest: { start } }) => !/['"`]/.test(text[start] ?? ''));
  return {
    imports: [...imported, ...exported, ...called].map(({ value, start, names }) => ({ address: value, line: lineAt(text, start), names })),
    computed: computed.map(({ start }) => lineAt(text, start)),
  };
}

/** @param {{ importName: { kind: string, name: string | null } }[]} entries */
function namesOf(entries) {
  const names = entries.map(({ importName: { kind, name } }) => (kind === 'Name' ? name : null));
  return names.includes(null) ? null : /** @type {string[]} */ (names);
}

/** @param {string} text @param {number} at */
const lineAt = (text, at) => text.slice(0, at).split('\n').length;
