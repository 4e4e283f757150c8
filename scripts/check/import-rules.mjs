import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ImportTable } from './import-table.mjs';
import { importsOf } from './imports-of.mjs';

/** @typedef {import('./import-table.mjs').Place} Place */

const CODE = /\.[mc]?[jt]sx?$/;
const NOT_OURS = /^(?:\..*|node_modules|dist|generated)$/;
const TEST = /\.test\.|\/src\/(?:.*\/)?testing\//;
/** What tests need beside everything in their own package. */
const FOR_TESTS = ['protocol/src/', 'scripts/', 'vitest.shared.ts'];
/** Runs in a Git process that the server starts, and is told where the reader of patterns is. */
const MAY_COMPUTE = new Set(['server/hooks/check-branch-rules.mjs']);
const SEE = 'See the import table in docs/architecture.md.';

/** Every file imports only what the tables of docs/architecture.md let it. @param {string} root */
export function importRules(root) {
  const table = new ImportTable(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
  const files = filesIn(root).map((file) => relative(root, file));
  const resolve = resolver(root, new Set(files));
  let count = 0;
  const faults = files.flatMap((file) => {
    const { imports, computed } = importsOf(file, readFileSync(join(root, file), 'utf8'));
    count += imports.length;
    const hidden = TEST.test(file) || MAY_COMPUTE.has(file) ? [] : computed;
    return [
      ...(table.placeOf(file) ? [] : [`${file} is in no folder of the table. ${SEE}`]),
      ...hidden.map((line) => `${file}:${line}: computes what it imports, which can't be checked. Write the address as a text.`),
      ...imports.flatMap(({ address, line }) => {
        const target = resolve(file, address);
        const fault = target === null ? null : faultOf(table, file, target);
        return fault ? [`${file}:${line}: ${fault} ${SEE}`] : [];
      }),
    ];
  });
  if (count === 0) throw new Error('Not one import was read: the check has nothing to say.');
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** @param {string} folder @returns {string[]} */
function filesIn(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(path);
      return CODE.test(entry.name) ? [path] : [];
    });
}

/**
 * To the file of ours that an address means: relative, or by the name of a workspace. What was built stands for what it was built from.
 *
 * @param {string} root @param {Set<string>} files
 * @returns {(from: string, address: string) => string | null} null: it is not ours
 */
function resolver(root, files) {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const folders = new Map(workspaces.flatMap((/** @type {string} */ folder) => nameOf(root, folder).map((name) => [name, folder])));
  return (from, address) => {
    const [scope, name] = address.split('/');
    const folder = folders.get(`${scope}/${name}`);
    if (folder) return `${folder}/src/`;
    if (!address.startsWith('.')) return null;
    const path = join(dirname(from), address).replace('/dist/', '/src/');
    const bare = path.replace(CODE, '');
    return [path, `${bare}.ts`, `${bare}.tsx`].find((each) => files.has(each)) ?? path;
  };
}

/** @param {string} root @param {string} workspace @returns {string[]} */
function nameOf(root, workspace) {
  const file = join(root, workspace, 'package.json');
  return existsSync(file) ? [JSON.parse(readFileSync(file, 'utf8')).name] : [];
}

/** @param {ImportTable} table @param {string} from @param {string} to */
function faultOf(table, from, to) {
  const [own, other] = [table.placeOf(from), table.placeOf(to)];
  if (!own) return null;
  if (!other) return `imports ${to}, which is in no folder of the table.`;
  if (TEST.test(from)) return forTests(from, to) || table.mayImport(own, other) ? null : `imports ${to}, which tests may not import.`;
  if (!table.mayImport(own, other)) return `imports ${to}, which ${own.folders[0]} may not import.`;
  const edge = table.edgeOf(to);
  if (!edge || edge.by.some((folder) => own.folders.includes(folder))) return null;
  return `imports ${to}, which only ${[...edge.by, 'tests'].join(' and ')} may import.`;
}

/** @param {string} from @param {string} to */
const forTests = (from, to) => [...FOR_TESTS, `${from.split('/')[0]}/`].some((folder) => to.startsWith(folder));
