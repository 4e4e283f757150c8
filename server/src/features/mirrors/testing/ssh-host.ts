import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, rmSync } from 'node:fs';
import { appendFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runGit } from '../../../platform/git.js';

/** A real sshd on a free port of loopback, that lets in the keys it is told, as the user who runs the tests. */
export class SshHost {
  private child: ChildProcess | null = null;

  private constructor(
    private readonly folder: string,
    private readonly port: number,
  ) {}

  static async make(): Promise<SshHost> {
    const host = new SshHost(await mkdtemp(join(tmpdir(), 'slipway-sshd-')), await freePort());
    await runGit(['init', '--quiet', '--bare', '--initial-branch=main', host.repository]);
    await writeFile(host.path('authorized_keys'), '');
    host.newHostKey();
    await host.start();
    return host;
  }

  get repository(): string {
    return this.path('app.git');
  }

  get url(): string {
    return `ssh://${userInfo().username}@127.0.0.1:${this.port}${this.repository}`;
  }

  letIn(publicKey: string): Promise<void> {
    return appendFile(this.path('authorized_keys'), `${publicKey}\n`);
  }

  /** As after a new installation, or with somebody in between. */
  async changeHostKey(): Promise<void> {
    await this.stop();
    this.newHostKey();
    await this.start();
  }

  /** SHA256:… as the host's owner sees it. */
  fingerprint(): string {
    return keygen('-l', '-f', this.path('host_key')).split(' ')[1] ?? '';
  }

  async start(): Promise<void> {
    if (userInfo().uid === 0) mkdirSync('/run/sshd', { recursive: true });
    this.child = spawn('/usr/sbin/sshd', ['-D', '-e', '-f', await this.config()], { stdio: 'ignore' });
    for (let tries = 0; !(await answers(this.port)); tries++) {
      if (tries > 200) throw new Error('sshd does not listen. Is openssh-server installed?');
      await sleep(25);
    }
  }

  async stop(): Promise<void> {
    const child = this.child;
    this.child = null;
    if (!child || child.exitCode !== null) return;
    child.kill('SIGTERM');
    await once(child, 'exit');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  private path(name: string): string {
    return join(this.folder, name);
  }

  private newHostKey(): void {
    for (const file of ['host_key', 'host_key.pub']) rmSync(this.path(file), { force: true });
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', this.path('host_key'));
  }

  private async config(): Promise<string> {
    const lines = [
      'ListenAddress 127.0.0.1',
      `Port ${this.port}`,
      `HostKey ${this.path('host_key')}`,
      `AuthorizedKeysFile ${this.path('authorized_keys')}`,
      'PidFile none',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'PermitRootLogin prohibit-password',
    ];
    await writeFile(this.path('sshd_config'), `${lines.join('\n')}\n`);
    return this.path('sshd_config');
  }
}

const KEYGEN = 'ssh-keygen';
export const keygen = (...args: string[]): string => execFileSync(KEYGEN, args, { encoding: 'utf8' });

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
