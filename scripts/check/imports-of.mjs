import { parseSync } from 'oxc-parser';

/** `import('…')` of a type or within JSDoc, `require('…')`, and the address of a file that a thread or a process runs. */
const NAMED =
  /\b(?:import|require|import\.meta\.resolve)\(\s*(['"`])([^'"`$]+)\1\s*[,)]|\bnew URL\(\s*(['"`])([^'"`$]+\.[mc]?[jt]sx?)\3\s*,\s*import\.meta\.url/g;
const TEXT = /^(['"`])([^'"`$]+)\1$/;

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
  const run = module.dynamicImports.map(({ moduleRequest: { start, end } }) => ({
    text: TEXT.exec(text.slice(start, end))?.[2],
    at: start,
  }));
  const found = [
    ...[...imported, ...exported].map(({ value, start, names }) => ({ address: value, at: start, names })),
    ...run.flatMap(({ text: address, at }) => (address === undefined ? [] : [{ address, at, names: null }])),
    ...[...text.matchAll(NAMED)].map((named) => ({ address: named[2] ?? named[4] ?? '', at: named.index, names: null })),
  ];
  const lines = found.map(({ address, at, names }) => ({ address, line: lineAt(text, at), names }));
  return {
    imports: [...new Map(lines.map((each) => [JSON.stringify(each), each])).values()],
    computed: run.filter((each) => each.text === undefined).map(({ at }) => lineAt(text, at)),
  };
}

/** @param {{ importName: { kind: string, name: string | null } }[]} entries */
function namesOf(entries) {
  const names = entries.map(({ importName: { kind, name } }) => (kind === 'Name' ? name : null));
  return names.includes(null) ? null : /** @type {string[]} */ (names);
}

/** @param {string} text @param {number} at */
const lineAt = (text, at) => text.slice(0, at).split('\n').length;
