import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { ImportTable } from './import-table.mjs';
import { importsOf } from './imports-of.mjs';
import { Operations } from './operations.mjs';

/** @typedef {import('./import-table.mjs').Place} Place */

const CODE = /\.[mc]?[jt]sx?$/;
const NOT_OURS = /^(?:\..*|node_modules|dist|generated)$/;
const TEST = /\.test\.|\/src\/(?:.*\/)?testing\//;
/** What tests need beside everything in their own package. */
const FOR_TESTS = ['protocol/src/', 'scripts/', 'vitest.shared.ts'];
/** Runs in a Git process that the server starts, and is told where the reader of patterns is. */
const MAY_COMPUTE = new Set(['server/hooks/check-branch-rules.mjs']);
const OPERATIONS = /^web\/src\/.*\.graphql$/;
const GENERATED = 'web/src/generated/';
const SEE = 'See the import table in docs/architecture.md.';

/** @typedef {{ line: number, target: string, name?: string }} Use `name`: what of the target, where only a part of it is meant */

/** Every file imports only what the tables of docs/architecture.md let it. @param {string} root */
export function importRules(root) {
  const table = new ImportTable(readFileSync(join(root, 'docs/architecture.md'), 'utf8'));
  const files = filesIn(root).map((file) => relative(root, file));
  const texts = new Map(files.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
  const usesOf = reader(resolver(root, new Set(files)), new Operations([...texts].filter(([file]) => OPERATIONS.test(file))));
  let count = 0;
  const faults = [...texts].flatMap(([file, text]) => {
    const { uses, hidden } = usesOf(file, text);
    count += uses.length;
    return [
      ...(table.placeOf(file) ? [] : [`${file} is in no folder of the table. ${SEE}`]),
      ...(TEST.test(file) || MAY_COMPUTE.has(file) ? [] : hidden),
      ...uses.flatMap(({ line, ...use }) => {
        const fault = faultOf(table, file, use);
        return fault ? [`${file}:${line}: ${fault} ${SEE}`] : [];
      }),
    ];
  });
  if (count === 0) throw new Error('Not one import was read: the check has nothing to say.');
  if (faults.length > 0) throw new Error(faults.join('\n'));
}

/** To what a file uses of ours; what is generated from an operation stands for the file of the operation. @param {ReturnType<typeof resolver>} resolve @param {Operations} operations */
function reader(resolve, operations) {
  return (/** @type {string} */ file, /** @type {string} */ text) => {
    if (OPERATIONS.test(file)) return { uses: /** @type {Use[]} */ (operations.spreadIn(text)), hidden: [] };
    const { imports, computed } = importsOf(file, text);
    const hidden = computed.map(
      (line) => `${file}:${line}: computes what it imports, which can't be checked. Write the address as a text.`,
    );
    const uses = imports.flatMap(({ address, line, names }) => {
      const target = resolve(file, address);
      if (target === null) return [];
      if (!target.startsWith(GENERATED)) return [{ line, target }];
      if (!names) hidden.push(`${file}:${line}: imports all that is generated, which can't be checked. Name what it uses.`);
      return [{ line, target }, ...operations.usedBy(names ?? []).map((use) => ({ line, ...use }))];
    });
    return { uses: /** @type {Use[]} */ (uses), hidden };
  };
}

/** @param {string} root @param {string} [folder] @returns {string[]} */
function filesIn(root, folder = root) {
  return readdirSync(folder, { withFileTypes: true })
    .filter(({ name }) => !NOT_OURS.test(name))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return filesIn(root, path);
      return CODE.test(path) || OPERATIONS.test(relative(root, path)) ? [path] : [];
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

/** @param {ImportTable} table @param {string} from @param {Omit<Use, 'line'>} use */
function faultOf(table, from, { target: to, name }) {
  const [own, other] = [table.placeOf(from), table.placeOf(to)];
  const imports = `imports ${name ? `${name} of ` : ''}${to}, which`;
  if (!own) return null;
  if (!other) return `${imports} is in no folder of the table.`;
  if (TEST.test(from)) return forTests(from, to) || table.mayImport(own, other) ? null : `${imports} tests may not import.`;
  if (!table.mayImport(own, other)) return `${imports} ${own.folders[0]} may not import.`;
  const edge = table.edgeOf(to);
  if (!edge || edge.by.some((folder) => own.folders.includes(folder))) return null;
  if (edge.beside) return dirname(from) === dirname(to) ? null : `${imports} only files beside it may import.`;
  return `${imports} only ${[...edge.by, 'tests'].join(' and ')} may import.`;
}

/** @param {string} from @param {string} to */
const forTests = (from, to) => [...FOR_TESTS, `${from.split('/')[0]}/`].some((folder) => to.startsWith(folder));
