import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';
import { packageFiles, packageManifest } from './package.mjs';

/** What a module loads that is not a file beside it: `import … from 'x'`, `import('x')`, `require.resolve('x')`. */
const LOADED = /(?:\bfrom|^import|\bimport\(|\brequire(?:\.resolve)?\()\s*'((?:node:|@[\w.-]+\/)?[\w-][\w./-]*)'/gm;
const PACKAGE = /^(@[^/]+\/)?[^/]+/;
const NOT_FOR_USERS = /\.test\.|(^|\/)testing\/|\.tsx?$|(^|\/)\.(slipway|git|env)/;

const files = packageFiles();
const isExample = (/** @type {string} */ file) => file.startsWith('examples/');

describe('the npm package', () => {
  it('has what runs, without tests, sources or anything else of a checkout', () => {
    const names = Object.keys(files);
    expect(names.filter((file) => NOT_FOR_USERS.test(file) && !isExample(file))).toEqual([]);
    expect(names).toEqual(
      expect.arrayContaining(['LICENSE', 'README.md', 'server/dist/main.js', 'web/dist/index.html', 'scripts/slipway.mjs']),
    );
  });

  it('has the whole example, under names that npm keeps', () => {
    const all = readdirSync(join(ROOT, 'examples/hello-npm'), { recursive: true, withFileTypes: true });
    const example = all.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name).slice(ROOT.length));
    expect(Object.keys(files).filter(isExample).sort()).toEqual(example.map((file) => file.replace(/^\//, '')).sort());
    expect(example.filter((file) => /\/\.(git|npm)ignore$/.test(file))).toEqual([]);
  });

  it('asks for every package that its code loads', async () => {
    const { dependencies, optionalDependencies } = await packageManifest();
    const known = new Set([...Object.keys(dependencies), ...Object.keys(optionalDependencies)]);
    const modules = Object.entries(files).filter(([file]) => /^(server|agents|router|scripts|node_modules)\/.*\.m?js$/.test(file));
    expect(modules.length).toBeGreaterThan(500);
    for (const [file, from] of modules) {
      for (const [, loaded = ''] of readFileSync(join(ROOT, from), 'utf8').matchAll(LOADED)) {
        if (loaded.startsWith('node:') || builtinModules.includes(loaded)) continue;
        expect(known, `${file} loads ${loaded}`).toContain(PACKAGE.exec(loaded)?.[0]);
      }
    }
  });

  it('has the versions that the tests ran with, and brings along what is not published', async () => {
    const { dependencies, bundleDependencies } = await packageManifest();
    expect(Object.values(dependencies).filter((version) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
    expect(bundleDependencies).toEqual(['@slipway/protocol']);
    expect(files['node_modules/@slipway/protocol/dist/index.js']).toBe('protocol/dist/index.js');
  });
});
