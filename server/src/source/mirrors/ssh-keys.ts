import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { DomainError } from '../../platform/errors.js';
import type { PrivateFiles } from './private-files.js';

const MAX_KEY_CHARACTERS = 16_384;
const TIMEOUT_MS = 10_000;
const COMMENT = 'slipway';
const run = promisify(execFile);

export type SshKey = { kind: 'ssh_key'; privateKey: string; publicKey: string };

/** An ed25519 pair; the private half never leaves this installation. */
export async function makeSshKey(files: PrivateFiles): Promise<SshKey> {
  await using folder = await files.folder();
  await keygen(['-q', '-t', 'ed25519', '-N', '', '-C', COMMENT, '-f', folder.path('key')]);
  const [privateKey, publicKey] = await Promise.all([readFile(folder.path('key'), 'utf8'), readFile(folder.path('key.pub'), 'utf8')]);
  return { kind: 'ssh_key', privateKey, publicKey: publicKey.trim() };
}

/** @throws DomainError when the text is not a private key, or has a passphrase */
export async function readSshKey(files: PrivateFiles, text: string): Promise<SshKey> {
  if (text.length > MAX_KEY_CHARACTERS) throw badKey();
  const privateKey = `${text.replaceAll('\r\n', '\n').trim()}\n`;
  await using folder = await files.folder();
  const path = await folder.write('key', privateKey);
  const publicKey = await keygen(['-y', '-P', '', '-f', path]).catch((error) => {
    throw isMissing(error) ? error : badKey();
  });
  return { kind: 'ssh_key', privateKey, publicKey: publicKey.trim() };
}

async function keygen(args: string[]): Promise<string> {
  try {
    return (await run('ssh-keygen', args, { timeout: TIMEOUT_MS, env: { PATH: process.env.PATH ?? '' } })).stdout;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') throw sshMissing();
    throw error;
  }
}

/** `ssh-ed25519 SHA256:…` of each line of known_hosts, as ssh and the hosts' own pages show them. */
export function fingerprintsOf(knownHosts: string): string[] {
  return knownHosts
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([, kind, key]) => kind && key)
    .map(
      ([, kind = '', key = '']) =>
        `${kind} SHA256:${createHash('sha256').update(Buffer.from(key, 'base64')).digest('base64').replace(/=+$/, '')}`,
    );
}

const isMissing = (error: unknown) => error instanceof DomainError && error.code === 'ssh_missing';

const sshMissing = () =>
  new DomainError(
    'unavailable',
    'ssh_missing',
    'This server has no ssh, which ssh addresses need. Install openssh-client on it, or use the https address of the repository.',
  );

const badKey = () =>
  new DomainError(
    'bad_input',
    'bad_ssh_key',
    "This private ssh key can't be used: it must be complete, from the line BEGIN to the line END, and have no passphrase. Leave it out, and Slipway makes a key.",
  );
