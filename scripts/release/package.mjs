import { existsSync, readdirSync, statSync } from 'node:fs';
import { chmod, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';

/** What runs, and nothing else. Of folders everything counts but {@link isLeftOut}. */
const CONTENTS = [
  ...['LICENSE', 'CHANGELOG.md', 'SECURITY.md', 'examples/hello-npm'],
  ...[
    'scripts/slipway.mjs',
    'scripts/sign-in-link.mjs',
    'scripts/nats-identity.mjs',
    'scripts/bootstrap',
    'scripts/launcher',
    'scripts/services',
  ],
  ...['server/package.json', 'server/dist', 'server/hooks', 'server/git'],
  ...['agents/package.json', 'agents/dist', 'router/package.json', 'router/dist', 'web/dist'],
  ...['protocol/package.json', 'protocol/dist'],
];
/** Types, what compilers remember, and what only tests use. */
const LEFT_OUT = /\.d\.m?ts$|\.tsbuildinfo$|^scripts\/.*(\.test|throwaway|ssh-host)\.mjs$/;
const COMPILED = /^(server|agents|router|protocol)\/dist\/(.+)\.js(?:\.map)?$/;
/** Workspaces whose code is in the package. */
const PROGRAMS = ['server', 'agents', 'router', 'protocol'];
const PROTOCOL = '@slipway/protocol';

/** Where each file of the package comes from, by its name there. @returns {Record<string, string>} */
export function packageFiles() {
  const paths = CONTENTS.flatMap((path) => (statSync(join(ROOT, path)).isDirectory() ? filesIn(path) : [path]));
  return {
    ...Object.fromEntries(
      paths.filter((path) => !isLeftOut(path)).map((path) => [path.replace(/^protocol\//, `node_modules/${PROTOCOL}/`), path]),
    ),
    'README.md': 'scripts/release/package-readme.md',
  };
}

/**
 * Puts the npm package together in an empty folder, from what is built.
 * @param {string} folder
 */
export async function assemblePackage(folder) {
  for (const [path, from] of Object.entries(packageFiles())) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(join(ROOT, from), join(folder, path));
  }
  await chmod(join(folder, 'scripts/slipway.mjs'), 0o755);
  await writeFile(join(folder, 'package.json'), `${JSON.stringify(await packageManifest(), null, 2)}\n`);
}

/** @param {string} folder */
const filesIn = (folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [relative(ROOT, join(entry.parentPath, entry.name))] : [],
  );

/** @param {string} path */
function isLeftOut(path) {
  if (LEFT_OUT.test(path)) return true;
  const [, workspace, module] = COMPILED.exec(path) ?? [];
  // Compilers do not remove what they made of a source that is gone.
  return workspace !== undefined && !existsSync(join(ROOT, workspace, 'src', `${module}.ts`));
}

/** All programs share one list of packages. They have the versions that the tests ran with. */
export async function packageManifest() {
  const { name, version, description, license, type, engines, optionalDependencies } = await readJson('package.json');
  const { packages } = await readJson('package-lock.json');
  /** @type {Record<string, string>} */
  const dependencies = {};
  for (const program of PROGRAMS) {
    for (const dependency of Object.keys((await readJson(`${program}/package.json`)).dependencies)) {
      if (dependency === PROTOCOL) continue;
      const { version } = packages[`${program}/node_modules/${dependency}`] ?? packages[`node_modules/${dependency}`];
      dependencies[dependency] ??= version;
      if (dependencies[dependency] !== version)
        throw new Error(`${dependency} is used in two versions, ${dependencies[dependency]} and ${version}; the package can have one.`);
    }
  }
  const optional = Object.keys(optionalDependencies).map((each) => [each, packages[`node_modules/${each}`].version]);
  return {
    ...{ name, version, description, license, type, engines, os: ['linux'], cpu: ['x64', 'arm64'] },
    bin: { slipway: 'scripts/slipway.mjs' },
    dependencies: { ...dependencies, [PROTOCOL]: version },
    optionalDependencies: Object.fromEntries(optional),
    bundleDependencies: [PROTOCOL],
  };
}

/** @param {string} file */
const readJson = async (file) => JSON.parse(await readFile(join(ROOT, file), 'utf8'));
