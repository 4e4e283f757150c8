import { execFileSync } from 'node:child_process';
import { cpSync, readdirSync, rmSync, writeFileSync } from 'node:fs';

rmSync('dist', { recursive: true, force: true });
cpSync('src', 'dist', { recursive: true });

const release = { version: version(), builtAt: new Date().toISOString() };
writeFileSync('dist/release.json', `${JSON.stringify(release, null, 2)}\n`);
console.log(`built version ${release.version}: ${readdirSync('dist').join(', ')}`);

/** The commit: Slipway says it in the job's environment; git knows it elsewhere. */
function version() {
  if (process.env.SLIPWAY_COMMIT) return process.env.SLIPWAY_COMMIT.slice(0, 7);
  try {
    return execFileSync('git', ['rev-parse', '--short=7', 'HEAD'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim();
  } catch {
    return 'unknown';
  }
}
