import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../bootstrap/paths.mjs';
import { npm, run } from '../bootstrap/run.mjs';
import { say } from '../bootstrap/say.mjs';
import { referencePages } from './graphql-reference.mjs';

const DOCS = join(ROOT, 'docs');
const INSTALLED = join(DOCS, 'node_modules', '.package-lock.json');
const REFERENCE = join(DOCS, 'reference');

/** @param {'dev' | 'build'} command @returns {Promise<number>} exit code */
export async function runSite(command) {
  if (!existsSync(INSTALLED) || statSync(INSTALLED).mtimeMs < statSync(join(DOCS, 'package-lock.json')).mtimeMs) {
    say('installing what builds the docs');
    const code = await npm(['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: DOCS });
    if (code !== 0) return code;
  }
  writeReference();
  return run(process.execPath, [join(DOCS, 'node_modules', 'vitepress', 'bin', 'vitepress.js'), command, '.'], { cwd: DOCS });
}

/** From schema.graphql, at every build; Git ignores these pages. */
function writeReference() {
  rmSync(REFERENCE, { recursive: true, force: true });
  mkdirSync(REFERENCE);
  for (const [name, text] of Object.entries(referencePages(join(ROOT, 'schema.graphql'))))
    writeFileSync(join(REFERENCE, `${name}.md`), text);
}
