import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { findProgram } from './tools.js';

it('removes folders that were closed to everybody, without being root', (context) => {
  const isRoot = process.getuid?.() === 0;
  context.skip(isRoot && findProgram('setpriv', process.env.PATH ?? '') === null, 'setpriv is not installed, and this is root');
  const asPlainUser = isRoot ? ['setpriv', '--reuid', '60601', '--regid', '60601', '--clear-groups', '--'] : ['env'];
  const place = mkdtempSync(join(tmpdir(), 'remove-'));
  const folder = join(place, 'closed');
  if (isRoot) execFileSync('chown', ['60601', place]);
  const script = `mkdir -p "$1/a/b/c" && touch "$1/a/b/file" && chmod 000 "$1/a/b/c" "$1/a/b" "$1/a" && node --input-type=module -e "$2"`;
  const removing = `const { removeTree } = await import('data:text/javascript;base64,${compiled()}'); await removeTree('${folder}')`;
  const env = { PATH: `${join(process.execPath, '..')}:${process.env.PATH}` };
  try {
    execFileSync(asPlainUser[0] ?? '', [...asPlainUser.slice(1), 'sh', '-ec', script, 'sh', folder, removing], { env, stdio: 'pipe' });
    expect(existsSync(folder)).toBe(false);
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
});

/** The user may not be able to read the sources where they are. */
function compiled(): string {
  const script = `import { readFileSync } from 'node:fs'; import { stripTypeScriptTypes } from 'node:module';
    process.stdout.write(Buffer.from(stripTypeScriptTypes(readFileSync(process.argv[1], 'utf8'))).toString('base64'))`;
  return execFileSync(
    process.execPath,
    ['--no-warnings', '--input-type=module', '-e', script, join(import.meta.dirname, 'remove-tree.ts')],
    {
      encoding: 'utf8',
    },
  );
}
