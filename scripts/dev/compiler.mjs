import { statSync } from 'node:fs';
import { join } from 'node:path';
import { NODE_MODULES, ROOT } from '../bootstrap/paths.mjs';
import { Problem } from '../services/problem.mjs';
import { Companion } from './companion.mjs';

/** @typedef {'server' | 'agent' | 'router'} Program */

/** Which programs run the code of a workspace. @type {Record<string, Program[]>} */
const PROGRAMS = { protocol: ['server', 'agent', 'router'], server: ['server'], agents: ['agent'], router: ['router'] };
const WORKSPACES = Object.keys(PROGRAMS);
/** tsc's word after each round, with or without errors: code with wrong types runs too, and its errors are on the screen. */
const ROUND_OVER = 'Watching for file changes.';

/**
 * Compiles all workspaces that run in Node.js, and again what changes.
 * @param {(programs: Program[]) => void} onChanged told after each round which programs have new code
 */
export function compileAndWatch(onChanged) {
  let last = written();
  /** @type {() => void} */
  let firstOver = () => undefined;
  /** @type {Promise<void>} */
  const first = new Promise((resolve) => (firstOver = resolve));
  const projects = WORKSPACES.map((workspace) => join(workspace, 'tsconfig.build.json'));
  const companion = new Companion(join(NODE_MODULES, '.bin', 'tsc'), ['-b', ...projects, '--watch', '--preserveWatchOutput', '--pretty'], {
    cwd: ROOT,
    onOutput: (text) => {
      if (!text.includes(ROUND_OVER)) return;
      const now = written();
      const programs = programsOf(WORKSPACES.filter((workspace) => now[workspace] !== last[workspace]));
      last = now;
      firstOver();
      if (programs.length > 0) onChanged(programs);
    },
  });
  const compiled = Promise.race([first, companion.ended.then(() => Promise.reject(new Problem('tsc ended; its output is above.')))]);
  // Perhaps nobody waits for it any more.
  compiled.catch(() => undefined);
  return { compiled, stop: () => companion.stop() };
}

/** @param {string[]} workspaces @returns {Program[]} */
export const programsOf = (workspaces) => [...new Set(workspaces.flatMap((workspace) => PROGRAMS[workspace] ?? []))];

/** When each workspace was last compiled: tsc writes this file whenever it writes any. @returns {Record<string, number>} */
function written() {
  const times = WORKSPACES.map((workspace) => [
    workspace,
    statSync(join(ROOT, workspace, 'dist', '.tsbuildinfo'), { throwIfNoEntry: false })?.mtimeMs ?? 0,
  ]);
  return Object.fromEntries(times);
}
