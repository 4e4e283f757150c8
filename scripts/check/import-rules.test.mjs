import { globSync, readFileSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';
import { importRules } from './import-rules.mjs';
import { ImportTable } from './import-table.mjs';
import { Operations } from './operations.mjs';

const DOCUMENT = readFileSync(join(ROOT, 'docs/architecture.md'), 'utf8');

let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-imports-'));
  for (const file of ['package.json', 'docs/architecture.md', 'protocol/package.json', 'server/package.json'])
    await cp(join(ROOT, file), join(root, file));
  await write('protocol/src/fine.ts', "import './fine-too.js';\n");
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** @param {string} file @param {string} text */
async function write(file, text) {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

/** What the check says of these files. @param {Record<string, string>} files @returns {Promise<string[]>} */
async function faultsOf(files) {
  for (const [file, text] of Object.entries(files)) await write(file, text);
  try {
    importRules(root);
    return [];
  } catch (error) {
    return /** @type {Error} */ (error).message.split('\n');
  }
}

/** For each row a file that imports what the row doesn't name: what a later wing has, or another package. @type {[string, string][]} */
const ASTRAY = [
  ['protocol/src/odd.ts', '../../scripts/start.mjs'],
  ['server/src/platform/odd.ts', '../people/access/actor.js'],
  ['server/src/migrations/odd.ts', '../platform/database.js'],
  ['server/src/people/access/odd.ts', '../../build/runs/ports.js'],
  ['server/src/build/runs/odd.ts', '../../test/reports/report.js'],
  ['server/src/test/reports/odd.ts', '../../source/mirrors/ports.js'],
  ['server/src/source/mirrors/odd.ts', '../../deliver/secrets/secret.js'],
  ['server/src/deliver/secrets/odd.ts', '../../observe/dead-letters/retry-dead-letter.js'],
  ['server/src/observe/alerts/odd.ts', '../../rest/call.js'],
  ['server/src/rest/odd.ts', '../compose/rest.js'],
  ['server/src/compose/odd.ts', '../../../agents/src/main.js'],
  ['server/src/testing/odd.ts', '../../../web/src/main.tsx'],
  ['agents/src/odd.ts', '../../server/src/platform/errors.js'],
  ['router/src/odd.ts', '../../agents/src/main.js'],
  ['web/src/ui/Odd.tsx', '../generated/graphql.ts'],
  ['web/src/api/odd.ts', '../domain/looks.ts'],
  ['web/src/domain/odd.ts', '../people/access/roles.ts'],
  ['web/src/people/access/Odd.tsx', '../../build/runs/run-words.ts'],
  ['web/src/build/runs/Odd.tsx', '../../test/reports/Report.tsx'],
  ['web/src/test/reports/Odd.tsx', '../../source/branches/RefField.tsx'],
  ['web/src/source/branches/Odd.tsx', '../../deliver/environments/Serving.tsx'],
  ['web/src/deliver/environments/Odd.tsx', '../../observe/dead-letters/SetAsideLink.tsx'],
  ['web/src/observe/alerts/Odd.tsx', '../../app/App.tsx'],
  ['web/src/app/Odd.tsx', '../../../server/src/rest/call.js'],
  ['web/src/testing/odd.ts', '../../../server/src/rest/call.js'],
  ['scripts/odd.mjs', '../protocol/src/text.js'],
  ['e2e/src/odd.ts', '../../server/src/main.js'],
  ['bench/odd.ts', '../server/src/main.js'],
  ['examples/odd/odd.js', '../../scripts/start.mjs'],
  ['router/odd.config.ts', './src/main.js'],
  ['server/hooks/odd.mjs', '../src/platform/errors.js'],
];
/** Nothing is written in the folder of what is generated. */
const UNTESTED = ['web/src/generated/'];

describe('the import table', () => {
  it.each(ASTRAY)('keeps %s from importing %s', async (file, address) => {
    const [fault, ...others] = await faultsOf({ [file]: `import '${address}';\n` });
    expect(fault).toContain(`${file}:1: imports ${join(dirname(file), address).replace(/js$/, '')}`);
    expect(fault).toContain('may not import');
    expect(others).toEqual([]);
  });

  it('has a violation here for each of its rows', () => {
    const table = new ImportTable(DOCUMENT);
    const tried = new Set(ASTRAY.map(([file]) => table.placeOf(file)));
    const rows = table.places.filter(({ folders }) => !UNTESTED.includes(folders[0] ?? ''));
    expect(rows.filter((row) => !tried.has(row))).toEqual([]);
  });

  it('lets files import their own folder, what its row names and what that may import', async () => {
    const files = {
      'server/src/source/mirrors/a.ts': "import '../repositories/b.js';\nimport '../../people/c.js';\nimport '../../platform/d.js';\n",
      'server/src/compose/a.ts':
        "import '@slipway/protocol';\nimport '../config.js';\nimport '../rest/b.js';\nimport '../migrations/index.js';\n",
      'web/src/observe/a.tsx': "import '../generated/graphql.ts';\nimport '../source/x.css';\nimport 'react';\n",
    };
    expect(await faultsOf(files)).toEqual([]);
  });

  /** @type {[string, string, string][]} */
  const WAYS = [
    ['types alone', 'ts', "import type { X } from '../rest/x.js';\n"],
    ['a single type', 'ts', "import { type X } from '../rest/x.js';\n"],
    ['types within a type', 'ts', "export type Y = import('../rest/x.js').X;\n"],
    ['what it exports anew', 'ts', "export { x } from '../rest/x.js';\n"],
    ['all of it to export', 'ts', "export * from '../rest/x.js';\n"],
    ['types to export', 'ts', "export type * from '../rest/x.js';\n"],
    ['it when it runs', 'ts', "export const x = () => import('../rest/x.js');\n"],
    ['it by a template', 'ts', 'export const x = () => import(`../rest/x.js`);\n'],
    ['it behind a comment', 'ts', "export const x = () => import(/* later */ '../rest/x.js');\n"],
    ['it as CommonJS', 'cjs', "const x = require('../rest/x.js');\n"],
    ['it for a thread', 'ts', "export const x = new URL('../rest/x.js', import.meta.url);\n"],
    ['types in a comment', 'mjs', "/** @type {import('../rest/x.js').X} */\nexport const x = 1;\n"],
    ['it as it was built', 'ts', "import '../../dist/rest/x.js';\n"],
    ['it by the name of its package', 'ts', "import '@slipway/server';\n"],
    [
      'it with decorators about',
      'ts',
      "import { X } from '../rest/x.js';\n@X()\nexport class Y {\n  constructor(@X() private readonly x: X) {}\n}\n",
    ],
  ];
  it.each(WAYS)('is not got round by importing %s', async (_, ending, text) => {
    expect(await faultsOf({ [`server/src/platform/odd.${ending}`]: text })).toEqual([
      expect.stringMatching(/^server\/src\/platform\/odd\.\w+:\d: imports server\/src\/.*may not import/),
    ]);
  });

  it.each(['name', '"../" + name', `\`../\${name}\``])('finds an address that only shows when it runs: %s', async (address) => {
    expect(await faultsOf({ 'server/src/platform/odd.ts': `export const x = (name: string) => import(${address});\n` })).toEqual([
      expect.stringContaining('odd.ts:1: computes what it imports'),
    ]);
  });

  it('finds a file that is in none of its folders, and what imports it', async () => {
    const files = { 'server/src/features/a.ts': 'export const a = 1;\n', 'server/src/app.ts': "import './features/a.js';\n" };
    expect(await faultsOf(files)).toEqual([
      expect.stringContaining('server/src/app.ts:1: imports server/src/features/a.ts, which is in no folder of the table'),
      expect.stringContaining('server/src/features/a.ts is in no folder of the table'),
    ]);
  });

  it('says nothing of node_modules, of what was built and of what was generated', async () => {
    const odd = "import '../../../server/src/main.js';\n";
    const files = { 'web/src/generated/a.ts': odd, 'web/dist/x/a.js': odd, 'web/node_modules/x/a.js': odd, '.hidden/a.js': odd };
    expect(await faultsOf(files)).toEqual([]);
  });

  it('is refused when it names a folder without a row, when a row says nothing, and when it is not there', () => {
    const row = '| `router/src/` | a | `protocol/src/` |\n';
    const table = (/** @type {string} */ rows) =>
      `| folder | what it is | may import |\n|---|---|---|\n${rows}\n| files | what they are | imported by |\n|---|---|---|\n\n`;
    expect(() => new ImportTable(table(row))).toThrow('`protocol/src/`');
    expect(() => new ImportTable(table('| `router/src/` | a | everything |\n'))).toThrow('"everything"');
    expect(() => new ImportTable('# Architecture\n')).toThrow('no table');
    expect(new ImportTable(table(`${row}| \`protocol/src/\` | b | nothing of ours |\n`)).places).toHaveLength(2);
  });

  it('is not satisfied by reading nothing', async () => {
    await rm(join(root, 'protocol/src'), { recursive: true });
    expect(await faultsOf({})).toEqual([expect.stringContaining('Not one import was read')]);
  });
});

describe('the edges of rooms', () => {
  /** @type {[string, string, string][]} */
  const EDGES = [
    ['a resolver', 'server/src/deliver/secrets/odd.ts', '../../source/mirrors/mirror.resolver.js'],
    ['a resolver of their own', 'server/src/source/mirrors/odd.ts', './mirror.resolver.js'],
    ['routes', 'server/src/build/jobs/odd.ts', '../artifacts/artifact.routes.js'],
    ['a gauge', 'server/src/observe/alerts/odd.ts', '../../source/mirrors/mirror-gauge.js'],
    ['a page', 'web/src/build/runs/Odd.tsx', '../jobs/JobPage.tsx'],
    ['a tab', 'web/src/source/commits/Odd.tsx', '../branches/BranchesTab.tsx'],
    ['the look of another room', 'web/src/build/runs/Odd.tsx', '../jobs/jobs.module.css'],
    ['the look of a room, by who puts it together', 'web/src/app/odd.ts', '../build/jobs/jobs.module.css'],
    ['what tests use', 'server/src/build/jobs/odd.ts', './testing/world.js'],
    ['what the tests of all rooms use', 'server/src/compose/odd.ts', '../testing/database.js'],
    ['a test', 'agents/src/job/odd.ts', './job.test.js'],
  ];
  it.each(EDGES)('are not imported by other files: %s', async (_, file, address) => {
    const target = join(dirname(file), address.replace(/js$/, 'ts'));
    expect(await faultsOf({ [target]: '', [file]: `import '${address}';\n` })).toEqual([
      expect.stringMatching(/(?:which only|may not import)/),
    ]);
  });

  it('are imported by those who put the product together, and by tests', async () => {
    const files = {
      'server/src/compose/a.ts': "import '../source/mirrors/mirror.resolver.js';\nimport '../source/mirrors/mirror-gauge.js';\n",
      'web/src/app/a.tsx': "import '../build/jobs/JobPage.tsx';\nimport '../ui/Page.tsx';\n",
      'web/src/build/jobs/a.tsx': "import '../../ui/Page.tsx';\nimport './jobs.module.css';\nimport '../../ui/rows.module.css';\n",
      'server/src/build/jobs/a.test.ts': "import '../../source/mirrors/mirror.resolver.js';\nimport './testing/world.js';\n",
    };
    expect(await faultsOf(files)).toEqual([]);
  });
});

it('lets tests import all of their own package, protocol and scripts, and nothing else', async () => {
  const fine = "import '../../deliver/a.js';\nimport '@slipway/protocol';\nimport '../../../../scripts/services/throwaway.mjs';\n";
  expect(await faultsOf({ 'server/src/build/jobs/a.test.ts': fine, 'server/src/build/testing/a.ts': fine })).toEqual([]);
  expect(await faultsOf({ 'server/src/build/jobs/b.test.ts': "import '../../../../agents/src/main.js';\n" })).toEqual([
    expect.stringContaining('which tests may not import'),
  ]);
});

it('names what can not be read', async () => {
  expect(await faultsOf({ 'protocol/src/odd.ts': 'import {' })).toEqual([expect.stringContaining("protocol/src/odd.ts can't be read")]);
});

describe('what is generated from an operation', () => {
  const OPERATIONS = `fragment RunRow on Run {
  id
}

query RunPage {
  id
}

mutation CancelRun {
  id
}

subscription RunChanged {
  id
}
`;
  const ALL = '../../generated/graphql.ts';
  /** @param {Record<string, string>} files */
  const withRuns = (files) => faultsOf({ 'web/src/build/runs/runs.graphql': OPERATIONS, ...files });
  const ENDS = ['RunRowFragment', 'RunRowFragmentDoc', 'RunPageQuery', 'RunPageQueryVariables', 'RunPageDocument'];
  const MORE = ['CancelRunMutation', 'CancelRunMutationVariables', 'CancelRunDocument', 'RunChangedSubscription', 'RunChangedDocument'];

  it.each([...ENDS, ...MORE])('is an import of the file of the operation: %s', async (name) => {
    expect(await withRuns({ 'web/src/people/access/odd.ts': `import { ${name} } from '../../generated/graphql.ts';\n` })).toEqual([
      expect.stringContaining(`odd.ts:1: imports ${name} of web/src/build/runs/runs.graphql, which web/src/people/ may not import.`),
    ]);
  });

  it.each([
    "import type { User, RunRowFragment as Row } from '../../generated/graphql.ts';\n",
    "import { type RunRowFragment } from '../../generated/graphql.ts';\n",
    "export type { RunRowFragment } from '../../generated/graphql.ts';\n",
    "import { RunRowFragment } from '../../generated/index.ts';\n",
  ])('is so however it is imported: %s', async (text) => {
    expect(await withRuns({ 'web/src/people/access/odd.ts': text })).toEqual([expect.stringContaining('imports RunRowFragment of')]);
  });

  it.each([
    "import * as all from '../../generated/graphql.ts';\n",
    "export * from '../../generated/graphql.ts';\n",
    `export type Row = import('${ALL}').RunRowFragment;\n`,
  ])('is named, as else nobody can tell: %s', async (text) => {
    expect(await withRuns({ 'web/src/people/access/odd.ts': text })).toEqual([expect.stringContaining('Name what it uses')]);
  });

  it('is held to the table where one fragment is spread in another too', async () => {
    const spread = 'fragment Odd on User {\n  id\n  lastRun {\n    ...RunRow\n  }\n}\n';
    expect(await withRuns({ 'web/src/people/access/access.graphql': spread })).toEqual([
      expect.stringContaining('access.graphql:4: imports RunRow of web/src/build/runs/runs.graphql, which web/src/people/ may not import.'),
    ]);
  });

  it('is free for later wings, and what is of the schema for all', async () => {
    const files = {
      'web/src/people/access/a.ts': "import type { User } from '../../generated/graphql.ts';\n",
      'web/src/people/access/access.graphql': 'query Viewer {\n  viewer {\n    ... on Run {\n      id\n    }\n  }\n}\n',
      'web/src/source/branches/a.tsx': "import { RunPageDocument } from '../../generated/graphql.ts';\n",
      'web/src/source/branches/branches.graphql': 'query Branches {\n  branches {\n    ...RunRow\n  }\n}\n',
      'web/src/people/access/a.test.ts': "import * as all from '../../generated/graphql.ts';\n",
    };
    expect(await withRuns(files)).toEqual([]);
  });

  it('is known by every name that codegen gives it', () => {
    const made = readFileSync(join(ROOT, 'web/src/generated/graphql.ts'), 'utf8');
    const operations = new Operations(
      globSync('web/src/**/*.graphql', { cwd: ROOT }).map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
    );
    const names = [...made.matchAll(/^export (?:const (\w+) =|type (\w+(?:Query|Mutation|Subscription|Fragment)(?:Variables)?) =)/gm)];
    expect(names.length).toBeGreaterThan(100);
    expect(names.flatMap(([, value, type]) => value ?? type ?? []).filter((name) => !operations.made.has(name))).toEqual([]);
  });
});
