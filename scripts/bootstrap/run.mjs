import { spawn } from 'node:child_process';
import { ROOT } from './paths.mjs';

/**
 * Runs a program to its end, its output going where ours goes.
 * @param {string} command @param {string[]} args @param {import('node:child_process').SpawnOptions} [options]
 * @returns {Promise<number>} exit code; 128 + n after signal n; 127 when it is not there
 */
export function run(command, args, options = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: ROOT, stdio: 'inherit', ...options });
    child.once('error', () => resolve(127));
    child.once('close', (code, signal) => resolve(code ?? (signal === 'SIGINT' ? 130 : 143)));
  });
}

/**
 * npm by the program that started us, whichever version that is; else the one on the PATH.
 * @param {string[]} args @param {import('node:child_process').SpawnOptions} [options]
 */
export function npm(args, options = {}) {
  const { npm_execpath: started, npm_node_execpath: node } = process.env;
  if (started && /npm-cli\.js$/.test(started)) return run(node ?? process.execPath, [started, ...args], options);
  return run('npm', args, options);
}
