import { existsSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

/** Where the system keeps programs; visible in every sandbox. */
const SYSTEM_PATH = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];
/** Read-only parts of the system that a job may see, if they are there. */
export const SYSTEM_FOLDERS = ['/usr', '/etc', '/opt', '/nix/store'];
/** Links into `/usr` on a modern system, folders of their own on an old one. */
export const SYSTEM_LINKS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** Programs that a job expects to find, wherever the machine keeps them. */
const EXPECTED = ['node', 'npm', 'npx', 'git'];

export type Tools = {
  /** `PATH` for jobs. */
  path: string;
  /** Folders outside the system's that it needs: a Node.js under somebody's home, for example. */
  folders: string[];
};

/** Where `program` is on this search path, skipping what a checkout's own `node_modules` puts there. */
export function findProgram(program: string, searchPath: string): string | null {
  for (const folder of searchPath.split(delimiter)) {
    if (!folder.startsWith('/') || folder.includes('/node_modules/')) continue;
    if (existsSync(join(folder, program))) return join(folder, program);
  }
  return null;
}

/** The machine's tools; when it has no Node.js of its own, the one that the agent runs on. */
export function findTools(searchPath: string, ownNode: string): Tools {
  const found = EXPECTED.map((program) => findProgram(program, searchPath) ?? (program === 'node' ? ownNode : null));
  const outside = found.filter((program) => program !== null).filter((program) => !isSystem(program));
  const bins = [...new Set(outside.map((program) => dirname(program)))];
  const folders = outside.flatMap((program) => [prefixOf(program), prefixOf(realpathSync(program))]).filter((folder) => !isSystem(folder));
  return { path: [...bins, ...SYSTEM_PATH].join(delimiter), folders: withoutNested([...new Set(folders)]) };
}

/** `<prefix>/bin/node` needs `<prefix>/lib` beside it; a program elsewhere, only its own folder: `~/bin` must not show a whole home. */
function prefixOf(program: string): string {
  const folder = dirname(program);
  const prefix = dirname(folder);
  const holdsMore = prefix === homedir() || dirname(prefix) === '/home' || prefix.split('/').length <= 2;
  return folder.endsWith('/bin') && !holdsMore ? prefix : folder;
}

const isSystem = (path: string): boolean =>
  [...SYSTEM_FOLDERS, ...SYSTEM_LINKS].some((folder) => path === folder || path.startsWith(`${folder}/`));

const withoutNested = (folders: string[]): string[] =>
  folders.filter((folder) => !folders.some((other) => other !== folder && folder.startsWith(`${other}/`)));
