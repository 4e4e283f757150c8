import { existsSync, lstatSync, mkdirSync, readFileSync, readlinkSync, realpathSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Mount, SandboxUser } from './sandbox.js';
import { seccompFilter } from './seccomp.js';
import { SYSTEM_FOLDERS, SYSTEM_LINKS } from './tools.js';

/** Of the network of a sandbox: reserved for examples, so nobody's. The name server asks the machine's own, which may be on its loopback or on a closed network. */
export const NETWORK = { cidr: '198.51.100.0/24', address: '198.51.100.100', gateway: '198.51.100.2', nameServer: '198.51.100.3' };
const NAME_SERVERS = /^\s*nameserver\b.*\n?/gm;

export const HOME_INSIDE = '/home/job';

/** Where the sandbox's user stands in the files that name users; programs ask there for their own name and home. */
export type Identity = { passwd: string; group: string };

/** Bubblewrap arguments for the read-only system: nothing of the machine but programs and settings. */
export function systemArguments(): string[] {
  const args: string[] = [];
  for (const folder of SYSTEM_FOLDERS.filter((each) => existsSync(each))) args.push('--ro-bind', folder, folder);
  for (const link of SYSTEM_LINKS.filter((each) => existsSync(each))) {
    if (lstatSync(link).isSymbolicLink()) args.push('--symlink', readlinkSync(link), link);
    else args.push('--ro-bind', link, link);
  }
  // The job's user can't write kernel settings anyway; this is a second line of defence.
  args.push('--dev', '/dev', '--proc', '/proc', '--ro-bind', '/proc/sys', '/proc/sys', '--tmpfs', '/run', '--tmpfs', '/var/tmp');
  return args;
}

/** Files of the agent that the sandbox lays over the machine's. `folder` must be readable by the sandbox's users. */
export class SupportFiles {
  constructor(readonly folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
  }

  identityOf(user: SandboxUser): Identity {
    const uid = user?.uid ?? process.getuid?.() ?? 0;
    const gid = user?.gid ?? process.getgid?.() ?? 0;
    const identity = { passwd: join(this.folder, `passwd-${uid}`), group: join(this.folder, `group-${gid}`) };
    if (!existsSync(identity.passwd)) writeFileSync(identity.passwd, passwd(uid, gid), { mode: 0o644 });
    if (!existsSync(identity.group)) writeFileSync(identity.group, `root:x:0:\njob:x:${gid}:\nnogroup:x:65534:\n`, { mode: 0o644 });
    return identity;
  }

  /** Bubblewrap arguments that make names resolve in a network of the sandbox's own. */
  nameServerArguments(): string[] {
    const target = '/etc/resolv.conf';
    if (!existsSync(target)) return [];
    const source = join(this.folder, 'resolv.conf');
    const settings = readFileSync(target, 'utf8');
    writeFileSync(source, `nameserver ${NETWORK.nameServer}\n${settings.replace(NAME_SERVERS, '')}`, { mode: 0o644 });
    return ['--ro-bind', source, realpathSync(target)];
  }

  /** Holds the filter of system calls; null: there is none for this machine. */
  systemCallFilter(nesting: boolean): string | null {
    const { arch } = process;
    if (arch !== 'x64' && arch !== 'arm64') return null;
    const file = join(this.folder, 'system-calls.bpf');
    writeFileSync(file, seccompFilter(arch, nesting), { mode: 0o644 });
    return file;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** An empty folder to mount something on, so that a user who can't reach its real place sees it here. */
  mountPoint(index: number): string {
    const point = join(this.folder, `mount-${index}`);
    mkdirSync(point, { recursive: true, mode: 0o711 });
    return point;
  }
}

const passwd = (uid: number, gid: number): string =>
  `${uid === 0 ? '' : 'root:x:0:0:root:/root:/usr/sbin/nologin\n'}job:x:${uid}:${gid}:job:${HOME_INSIDE}:/bin/sh\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n`;

export const mountArguments = (mounts: Mount[]): string[] =>
  mounts.flatMap(({ source, target, writable }) => [writable ? '--bind' : '--ro-bind', source, target]);

/**
 * The folder from which on this user may walk to `path`, when it can't from the root: the one below the last closed folder on the way.
 * Null: it can walk all the way.
 */
export function closedUpTo(path: string, user: SandboxUser): string | null {
  if (user === null) return null;
  const real = realpathSync(path);
  for (let folder = real; folder !== '/'; folder = dirname(folder)) {
    if (!letsThrough(dirname(folder), user)) return folder;
  }
  return null;
}

function letsThrough(folder: string, user: { uid: number; gid: number }): boolean {
  const { mode, uid, gid } = statSync(folder);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  return (mode & bit) !== 0;
}
