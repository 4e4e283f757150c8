import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { posix } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress, createZstdDecompress } from 'node:zlib';
import { create, Parser, type ReadEntry, Unpack } from 'tar';

export type ArchiveLimits = { maxBytes: number; maxEntries: number };

export const ARCHIVE_LIMITS: ArchiveLimits = { maxBytes: 8 * 1024 ** 3, maxEntries: 200_000 };
const MAX_NAME_BYTES = 4_096;
const ALLOWED = new Set(['File', 'OldFile', 'ContiguousFile', 'Directory', 'SymbolicLink', 'Link']);

/** Why an archive is refused, as a whole: nothing of it is unpacked. */
export class HostileArchive extends Error {}

export type PackedArchive = { digest: string; size: number };

/** Packs `paths` (relative to `folder`, each listed by itself) as tar, compressed with zstd. The digest is of the compressed bytes. */
export async function packArchive(folder: string, paths: string[], target: string): Promise<PackedArchive> {
  const hash = createHash('sha256');
  const tar = create({ cwd: folder, portable: true, noDirRecurse: true, follow: false, strict: true }, paths);
  const hashed = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      hash.update(bytes);
      done(null, bytes);
    },
  });
  await pipeline(tar, createZstdCompress(), hashed, createWriteStream(target, { mode: 0o600 }));
  return { digest: hash.digest('hex'), size: (await stat(target)).size };
}

export type UnpackOptions = {
  /** Who the files belong to; null: the agent. */
  owner: { uid: number; gid: number } | null;
  limits?: ArchiveLimits;
};

/**
 * Unpacks an archive that somebody else may have made into `folder`, after all of it was looked at. Nothing runs in the folder meanwhile.
 * @throws HostileArchive naming the entry: a path or link that leaves the folder, a device, a name no one needs, too much
 */
export async function unpackArchive(archive: string, folder: string, { owner, limits = ARCHIVE_LIMITS }: UnpackOptions): Promise<void> {
  await inspect(archive, limits);
  const unpack = new Unpack({ cwd: folder, strict: true, preserveOwner: owner !== null, ...(owner ?? {}) });
  try {
    await pipeline(createReadStream(archive), createZstdDecompress(), unpack);
  } catch (error) {
    throw new HostileArchive(`The archive could not be unpacked: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

async function inspect(archive: string, limits: ArchiveLimits): Promise<void> {
  let bytes = 0;
  const links = new Set<string>();
  let entries = 0;
  const parser = new Parser({
    strict: true,
    onReadEntry: (entry) => {
      const wrong = ++entries > limits.maxEntries ? `has more than ${limits.maxEntries} entries` : faultOf(entry, links);
      if (wrong) parser.abort(new HostileArchive(`The archive ${wrong}.`));
      if (entry.type === 'SymbolicLink') links.add(normal(entry.path));
      entry.resume();
    },
  });
  const counted = new Transform({
    transform(part: Buffer, _encoding, done) {
      bytes += part.length;
      done(bytes > limits.maxBytes ? new HostileArchive(`The archive unpacks to more than ${limits.maxBytes} bytes.`) : null, part);
    },
  });
  try {
    await pipeline(createReadStream(archive), createZstdDecompress(), counted, parser);
  } catch (error) {
    if (error instanceof HostileArchive) throw error;
    throw new HostileArchive(`The archive is damaged: ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

/** What is wrong with an entry, or null. `links`: symbolic links that came before, through which nothing may be written. */
function faultOf(entry: ReadEntry, links: Set<string>): string | null {
  const { path, type } = entry;
  const shown = JSON.stringify(path.slice(0, 200));
  if (!ALLOWED.has(type)) return `holds ${shown}, a ${type}`;
  if (Buffer.byteLength(path) > MAX_NAME_BYTES || hasControl(path)) return `holds a name that can't be a file's: ${shown}`;
  if (leaves(path)) return `holds ${shown}, which leaves its folder`;
  if (parentsOf(normal(path)).some((parent) => links.has(parent))) return `writes ${shown} through a link`;
  const target = entry.linkpath ?? '';
  if (type === 'Link' && (leaves(target) || links.has(normal(target))))
    return `links ${shown} to ${JSON.stringify(target)}, outside of its folder`;
  if (type === 'SymbolicLink' && !isInnerLink(normal(path), target))
    return `links ${shown} to ${JSON.stringify(target)}, outside of its folder`;
  return null;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
const hasControl = (name: string): boolean => /[\u0000-\u001f\u007f]/.test(name);
const normal = (path: string): string => posix.normalize(path).replace(/\/+$/, '');
const leaves = (path: string): boolean => path.startsWith('/') || path.split('/').includes('..');
const parentsOf = (path: string): string[] =>
  path
    .split('/')
    .slice(0, -1)
    .map((_, depth, parts) => parts.slice(0, depth + 1).join('/'));

/**
 * Whether a link stays in its folder. `..` counts only at the beginning of the target: after a name it could go up from
 * wherever another link has led to.
 */
export function isInnerLink(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || hasControl(target)) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const up = parts.findIndex((part) => part !== '..');
  const ups = up === -1 ? parts.length : up;
  return !parts.slice(ups).includes('..') && ups <= path.split('/').length - 1;
}
