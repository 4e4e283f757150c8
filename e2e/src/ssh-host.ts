import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { eventually } from './eventually.js';

const keygen = (...args: string[]): string => execFileSync('ssh-keygen', args, { encoding: 'utf8' });

/** A Git server over ssh: a real sshd on loopback, with one repository, that can go down, come up again, and come back as somebody else. */
export class SshHost implements AsyncDisposable {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly root: string,
    private readonly port: number,
  ) {}

  static async make(): Promise<SshHost> {
    const host = new SshHost(await mkdtemp(join(tmpdir(), 'slipway-ssh-')), await freePort());
    execFileSync('git', ['init', '--quiet', '--bare', '--initial-branch=main', host.folder]);
    await writeFile(join(host.root, 'authorized_keys'), '');
    host.makeHostKey();
    await host.up();
    return host;
  }

  /** People on this machine push here. */
  get folder(): string {
    return join(this.root, 'app.git');
  }

  get url(): string {
    return `ssh://${userInfo().username}@127.0.0.1:${this.port}${this.folder}`;
  }

  letIn(publicKey: string): Promise<void> {
    return appendFile(join(this.root, 'authorized_keys'), `${publicKey}\n`);
  }

  fingerprint(): string {
    return keygen('-l', '-f', join(this.root, 'host_key')).split(' ')[1] ?? '';
  }

  makeHostKey(): void {
    for (const name of ['host_key', 'host_key.pub']) rmSync(join(this.root, name), { force: true });
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', join(this.root, 'host_key'));
  }

  async up(): Promise<void> {
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
    const settings = [
      `HostKey ${this.root}/host_key`,
      `AuthorizedKeysFile ${this.root}/authorized_keys`,
      'ListenAddress 127.0.0.1',
      `Port ${this.port}`,
      ...['PidFile none', 'StrictModes no', 'UsePAM no', 'PasswordAuthentication no', 'PermitRootLogin prohibit-password'],
    ];
    await writeFile(join(this.root, 'sshd_config'), `${settings.join('\n')}\n`);
    this.child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', join(this.root, 'sshd_config')], { stdio: 'ignore' });
    await eventually('sshd to listen', 5_000, () => answers(this.port));
  }

  async down(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.down();
    await rm(this.root, { recursive: true, force: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function answers(port: number): Promise<boolean> {
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
