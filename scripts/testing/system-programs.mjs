import { run } from '../bootstrap/run.mjs';
import { complain, say } from '../bootstrap/say.mjs';
import { onPath } from '../services/run-command.mjs';

/** Programs that tests need of the system, and Debian's packages for them. */
const NEEDED = [
  { program: 'git', package: 'git', why: 'repositories' },
  { program: 'ssh', package: 'openssh-client', why: 'external repositories by ssh' },
  { program: 'openssl', package: 'openssl', why: 'the tests of certificates' },
  { program: 'sshd', package: 'openssh-server', why: 'the tests of external repositories by ssh' },
  { program: 'chromium', package: 'chromium', why: 'the end-to-end tests in a browser' },
  { program: 'haproxy', package: 'haproxy', why: 'traffic to what is deployed' },
  { program: 'bwrap', package: 'bubblewrap', why: 'the sandbox' },
  { program: 'slirp4netns', package: 'slirp4netns', why: 'networks of sandboxes' },
];

/** Installs what is missing where that is possible (root on Debian), and says what to do where it isn't. @returns {Promise<boolean>} */
export async function needSystemPrograms() {
  const missing = NEEDED.filter(({ program }) => onPath(program, ['/usr/bin', '/usr/sbin']) === null);
  if (missing.length === 0) return true;
  const packages = missing.map((each) => each.package);
  if (process.getuid?.() === 0 && onPath('apt-get')) {
    say(`installing ${packages.join(', ')}`);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const code =
      (await run('apt-get', ['update', '-qq'], { env })) ||
      (await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env }));
    if (code === 0) return true;
  }
  for (const { program, why } of missing) complain(`${program} is missing; ${why} needs it.`);
  complain(`Install ${packages.join(', ')} (e.g. "sudo apt-get install ${packages.join(' ')}") and test again.`);
  return false;
}
