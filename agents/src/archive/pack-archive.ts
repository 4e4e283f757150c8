import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { lstat, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

export type PackedArchive = { digest: string; size: number };
export type PackBounds = { maxBytes: number; signal?: AbortSignal };

export class ArchiveTooLarge extends Error {}

/**
 * Packs `paths` (relative to `folder`, each entry listed by itself) as tar, compressed with zstd. The digest is the SHA-256 of the
 * compressed bytes. Owners are left out, links are kept as links.
 * @throws ArchiveTooLarge when what is in it, as long as its files say, is more than `maxBytes`: holes cost a job nothing; the signal's reason
 */
export async function packArchive(
  folder: string,
  paths: string[],
  target: string,
  { maxBytes, signal }: PackBounds,
): Promise<PackedArchive> {
  await checkSize(folder, paths, maxBytes);
  const { create } = await import('tar'); // loaded when it is needed: most of the time an agent is idle
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      hash.update(bytes);
      done(null, bytes);
    },
  });
  // As they are, the library takes names that begin with "@" for archives to be read, and what stands before a ":" for a drive.
  const names = paths.map((path) => `./${path}`);
  const tar = create({ cwd: folder, portable: true, noDirRecurse: true, follow: false, strict: true }, names);
  await pipeline(tar as unknown as NodeJS.ReadableStream, createZstdCompress(), hashed, createWriteStream(target, { mode: 0o600 }), {
    signal,
  });
  return { digest: hash.digest('hex'), size: (await stat(target)).size };
}

async function checkSize(folder: string, paths: string[], maxBytes: number): Promise<void> {
  let bytes = 0;
  for (const path of paths) {
    bytes += (await lstat(join(folder, path))).size;
    if (bytes > maxBytes) throw new ArchiveTooLarge(`with "${path}" its files have more than ${maxBytes} bytes`);
  }
}

/**
 * Whether a link at `path` stays in its folder. `..` counts only at the beginning of the target: after a name it would go up from
 * wherever another link has led to.
 */
export function isInnerLink(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/')) return false;
  const parts = target.split('/').filter((part) => part !== '' && part !== '.');
  const firstName = parts.findIndex((part) => part !== '..');
  const ups = firstName === -1 ? parts.length : firstName;
  return !parts.slice(ups).includes('..') && ups <= path.split('/').length - 1;
}
