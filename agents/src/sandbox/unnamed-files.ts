import { execFile } from 'node:child_process';
import { statSync } from 'node:fs';
import { promisify } from 'node:util';
import type { ProcessId } from './process-tree.js';

const MOST_MS = 30_000;
/** Each file once, whoever has it open. Processes end meanwhile, and what a plain user's have mapped can't be followed: `find` says so, and goes on. */
const SUM = `disk=$1; shift
find -L "$@" -maxdepth 1 -type f -links 0 -printf '%D %i %b\\n' 2>/dev/null | sort -u |
  awk -v disk="$disk" '$1 == disk { blocks += $3 } END { printf "%.0f", blocks * 512 }'`;

/**
 * Bytes of files on the disk of this folder that these processes have open or mapped, though no folder names them any more: `du` does not see
 * them. A program of its own looks, as strangers may have opened millions.
 */
export async function unnamedBytes(folder: string, processes: ProcessId[]): Promise<number> {
  if (processes.length === 0) return 0;
  const places = processes.flatMap(({ pid }) => [`/proc/${pid}/fd`, `/proc/${pid}/map_files`]);
  const words = ['-c', SUM, 'sh', `${statSync(folder).dev}`, ...places];
  const { stdout } = await promisify(execFile)('/bin/sh', words, { timeout: MOST_MS });
  return Number.parseInt(stdout, 10) || 0;
}
