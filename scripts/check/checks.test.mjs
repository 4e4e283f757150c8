import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NODE_MODULES, ROOT } from '../bootstrap/paths.mjs';
import { CHECKS } from './checks.mjs';

/** A check that reads nothing passes too; so each is shown a violation in a small copy of the checkout. */
let root = '';
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'slipway-check-'));
  for (const file of [
    'biome.json',
    'tsconfig.base.json',
    'package.json',
    'knip.json',
    '.gitignore',
    'schema.graphql',
    'protocol',
    'docs/architecture.md',
  ])
    await cp(join(ROOT, file), join(root, file), { recursive: true });
  await symlink(NODE_MODULES, join(root, 'node_modules'));
  await mkdir(join(root, '.git'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

/** @param {string} file @param {string} text */
async function write(file, text) {
  await mkdir(dirname(join(root, file)), { recursive: true });
  await writeFile(join(root, file), text);
}

/** @param {string} name */
function check(name) {
  const found = CHECKS.find((each) => each.name === name);
  if (!found) throw new Error(`There is no check "${name}".`);
  return found.run(root);
}

describe('the check of', () => {
  it('format finds a file that is not formatted', async () => {
    await write('protocol/src/odd.ts', 'export   const x=1');
    await expect(check('format, lint, circles')).rejects.toThrow('odd.ts');
  });

  it('the import table finds a platform that knows a wing', async () => {
    await write('server/src/platform/odd.ts', "import { run } from '../build/runs/run.js';\n\nexport const odd = run;\n");
    await expect(check('import table')).rejects.toThrow('server/src/platform/ may not import');
  });

  it.each(['import {', 'import type {'])('circles finds one of "%s"', async (how) => {
    await write('protocol/src/a.ts', `${how} B } from './b.js';\n\nexport class A {\n  b?: B;\n}\n`);
    await write('protocol/src/b.ts', `${how} A } from './a.js';\n\nexport class B {\n  a?: A;\n}\n`);
    await expect(check('format, lint, circles')).rejects.toThrow('noImportCycles');
  });

  it('types finds a wrong one', async () => {
    await write('protocol/src/odd.ts', "export const x: number = 'text';\n");
    await expect(check('types of protocol')).rejects.toThrow("Type 'string' is not assignable to type 'number'");
  });

  it('text finds what is cut at a count, and leaves lists and found places alone', async () => {
    await write(
      'protocol/src/fine.ts',
      "export const fine = (t: string, l: string[]) => [t.slice(0, t.indexOf(' ')), t.slice(1), ...l.slice(0, 80)];\n",
    );
    await check('text');
    const cuts = ['text.slice(0, 80)', 'text.slice(-MOST)', 'text.substring(2, MOST - 1)', 'text?.trim().slice(0, maxLength)'];
    const bytes = 'Buffer.from(text).subarray(0, 80).toString()';
    const all = [...cuts, bytes].map((each) => `${each},`).join('\n');
    await write('protocol/src/odd.ts', `const MOST = 9;\nexport const odd = (text: string, maxLength: number) => [\n${all}\n];\n`);
    const found = await check('text').then(
      () => '',
      (error) => error.message,
    );
    for (const each of [...cuts, bytes]) expect(found).toContain(each);
    expect(found.split('\n')).toHaveLength(5);
  });

  it('text finds JSON that Postgres may refuse', async () => {
    await write('server/tsconfig.json', '{ "extends": "../tsconfig.base.json", "include": ["src"] }');
    await write(
      'server/src/odd.ts',
      'export const odd = (db: { query(...all: unknown[]): void }) => db.query("x", [[JSON.stringify({})]]);\n',
    );
    await expect(check('text')).rejects.toThrow('jsonb()');
  });

  it('links finds files and headings that are not there, and knows those that are', async () => {
    await rm(join(root, 'docs/architecture.md')); // most of what it names is not in the copy
    await write(
      'docs/fine.md',
      '# Fine\n\n## What `x` is: more\n\n[here](#what-x-is-more), [there](fine.md#fine), [code](../protocol/src/index.ts)\n',
    );
    await check('links');
    await write(
      'docs/odd.md',
      '[a](gone.md) [b](fine.md#gone) [c](#gone) ![d](gone.png)\n\n| [e](../gone.ts) |\n|---|\n\n`[no](link.md)` <https://example.com/x>\n',
    );
    const found = await check('links').then(
      () => '',
      (error) => error.message,
    );
    expect(found.split('\n').slice(1)).toEqual(
      ['gone.md', 'fine.md#gone', '#gone', 'gone.png', '../gone.ts'].map((link) => `  docs/odd.md: ${link}`),
    );
  });

  it('schema.graphql finds one that is not current', async () => {
    await write('schema.graphql', 'type Query { old: Int }\n');
    await expect(check('schema.graphql')).rejects.toThrow('npm run schema');
  });

  it('dead code finds a file that nobody uses', async () => {
    await write('protocol/src/unused.ts', 'export const unused = 1;\n');
    await expect(check('dead code')).rejects.toThrow('unused.ts');
  });
});
