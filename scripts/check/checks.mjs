import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { NODE_MODULES, ROOT } from '../bootstrap/paths.mjs';
import { complain, say } from '../bootstrap/say.mjs';
import { importRules } from './import-rules.mjs';
import { linksLead } from './links.mjs';
import { textRules } from './text-rules.mjs';

const execute = promisify(execFile);
const MAX_OUTPUT_BYTES = 16 * 1024 * 1024;

/**
 * @typedef {object} Check
 * @property {string} name
 * @property {(root: string) => Promise<void>} run throws with what it found in this checkout
 */

/** @param {string} program @param {string[]} args @param {string} cwd */
async function tool(program, args, cwd) {
  try {
    return (await execute(join(NODE_MODULES, '.bin', program), args, { cwd, maxBuffer: MAX_OUTPUT_BYTES })).stdout;
  } catch (error) {
    const { stdout, stderr } = /** @type {{ stdout: string, stderr: string }} */ (error);
    throw new Error(`${stdout}${stderr}`.trim());
  }
}

/** @param {string} project */
const types = (project) => ({
  name: `types of ${project}`,
  run: async (/** @type {string} */ root) => void (await tool('tsc', ['-p', `${project}/tsconfig.json`], root)),
});

/** @type {Check[]} */
export const CHECKS = [
  {
    name: 'format, lint, circles',
    run: async (root) => void (await tool('biome', ['ci', '--colors=off', '--error-on-warnings', '.'], root)),
  },
  { name: 'import table', run: async (root) => importRules(root) },
  ...['protocol', 'server', 'agents', 'router', 'web', 'scripts', 'e2e', 'bench'].map(types),
  { name: 'text', run: async (root) => textRules(root) },
  { name: 'links', run: async (root) => linksLead(root) },
  { name: 'schema.graphql', run: schemaIsCurrent },
  { name: 'dead code', run: async (root) => void (await tool('knip', ['--no-progress'], root)) },
];

/** What the server's classes say is what is committed. @param {string} root */
export async function schemaIsCurrent(root) {
  const committed = await readFile(join(root, 'schema.graphql'), 'utf8');
  const { stdout } = await execute(process.execPath, [join(ROOT, 'server/dist/print-schema.js')], { maxBuffer: MAX_OUTPUT_BYTES });
  if (stdout !== committed) throw new Error('schema.graphql differs from the server\'s schema. Run "npm run schema" and commit it.');
}

/** @param {Check[]} checks @returns {Promise<{ passed: number, failed: number }>} */
export async function runChecks(checks) {
  let failed = 0;
  for (const check of checks) {
    try {
      await check.run(ROOT);
      say(`✓ ${check.name}`);
    } catch (error) {
      failed++;
      complain(`✗ ${check.name}\n${/** @type {Error} */ (error).message}`);
    }
  }
  return { passed: checks.length - failed, failed };
}
