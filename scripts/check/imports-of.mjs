import { parseSync } from 'oxc-parser';

/** `import('…')` of a type or within JSDoc, `require('…')`, and the address of a file that a thread or a process runs. */
const NAMED =
  /\b(?:import|require|import\.meta\.resolve)\(\s*(['"`])([^'"`$]+)\1\s*[,)]|\bnew URL\(\s*(['"`])([^'"`$]+\.[mc]?[jt]sx?)\3\s*,\s*import\.meta\.url/g;
const TEXT = /^(['"`])([^'"`$]+)\1$/;

/**
 * All that a file imports or exports anew, for its types alone too, with the line where it does.
 *
 * @param {string} file @param {string} text
 * @returns {{ imports: { address: string, line: number }[], computed: number[] }} `computed`: lines of imports whose address only shows when they run
 */
export function importsOf(file, text) {
  const { module, errors } = parseSync(file, text);
  if (errors[0]) throw new Error(`${file} can't be read: ${errors[0].message}`);
  const exported = module.staticExports.flatMap(({ entries }) => entries.flatMap(({ moduleRequest }) => moduleRequest ?? []));
  const stated = [...module.staticImports.map(({ moduleRequest }) => moduleRequest), ...exported];
  const run = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    text: TEXT.exec(text.slice(start, end))?.[2],
    at: start,
  }));
  const found = [
    ...stated.map(({ value, start }) => ({ address: value, at: start })),
    ...run.flatMap(({ text: address, at }) => (address === undefined ? [] : [{ address, at }])),
    ...[...text.matchAll(NAMED)].map((named) => ({ address: named[2] ?? named[4] ?? '', at: named.index })),
  ];
  const lines = found.map(({ address, at }) => ({ address, line: lineAt(text, at) }));
  return {
    imports: [...new Map(lines.map((each) => [`${each.line} ${each.address}`, each])).values()],
    computed: run.filter((each) => each.text === undefined).map(({ at }) => lineAt(text, at)),
  };
}

/** @param {string} text @param {number} at */
const lineAt = (text, at) => text.slice(0, at).split('\n').length;
