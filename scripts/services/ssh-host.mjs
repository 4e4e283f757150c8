import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from './free-port.mjs';

const SSHD = '/usr/sbin/sshd';
const KEYGEN = 'ssh-keygen';
const START_TIMEOUT_MS = 5_000;

/** @param {string[]} args @returns {string} what ssh-keygen prints */
export const keygen = (...args) => execFileSync(KEYGEN, args, { encoding: 'utf8' });

/**
 * A Git server over ssh, for tests: a real sshd on a port of loopback, with one repository, that lets in the keys it is told, as the
 * user who runs the tests. It can go down, come up again, and come back as somebody else.
 */
export class SshHost {
  /** @type {import('node:child_process').ChildProcess | null} */
  #child = null;
  /** @type {string} */
  #root;
  /** @type {number} */
  #port;

  /** @param {string} root @param {number} port */
  constructor(root, port) {
    this.#root = root;
    this.#port = port;
  }

  static async make() {
    const host = new SshHost(mkdtempSync(join(tmpdir(), 'slipway-sshd-')), await freePort());
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', host.folder]);
    writeFileSync(host.#path('authorized_keys'), '');
    host.#makeHostKey();
    await host.up();
    return host;
  }

  /** People on this machine push here. */
  get folder() {
    return this.#path('app.git');
  }

  get url() {
    return `ssh://${userInfo().username}@127.0.0.1:${this.#port}${this.folder}`;
  }

  /** @param {string} publicKey */
  letIn(publicKey) {
    appendFileSync(this.#path('authorized_keys'), `${publicKey}\n`);
  }

  /** SHA256:… as the host's owner sees it. */
  fingerprint() {
    return keygen('-l', '-f', this.#path('host_key')).split(' ')[1] ?? '';
  }

  /** As after a new installation, or with somebody in between. */
  async changeHostKey() {
    await this.down();
    this.#makeHostKey();
    await this.up();
  }

  async up() {
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
    this.#child = spawn(SSHD, ['-D', '-e', '-f', this.#configure()], { stdio: 'ignore' });
    for (const until = Date.now() + START_TIMEOUT_MS; !(await answers(this.#port)); ) {
      if (Date.now() > until) throw new Error('sshd does not listen. Is openssh-server installed?');
      await sleep(25);
    }
  }

  async down() {
    const child = this.#child;
    this.#child = null;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose]() {
    await this.down();
    rmSync(this.#root, { recursive: true, force: true });
  }

  /** @param {string} name */
  #path(name) {
    return join(this.#root, name);
  }

  #makeHostKey() {
    for (const file of ['host_key', 'host_key.pub']) rmSync(this.#path(file), { force: true });
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', this.#path('host_key'));
  }

  #configure() {
    const settings = [
      'ListenAddress 127.0.0.1',
      `Port ${this.#port}`,
      `HostKey ${this.#path('host_key')}`,
      `AuthorizedKeysFile ${this.#path('authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
    ];
    writeFileSync(this.#path('sshd_config'), `${settings.join('\n')}\n`);
    return this.#path('sshd_config');
  }
}

/** @param {number} port @returns {Promise<boolean>} */
async function answers(port) {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
