import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';

export type PackedArchive = { digest: string; size: number };

/**
 * Packs `paths` (relative to `folder`, each entry listed by itself) as tar, compressed with zstd. The digest is the SHA-256 of the
 * compressed bytes. Owners are left out, links are kept as links.
 */
export async function packArchive(folder: string, paths: string[], target: string): Promise<PackedArchive> {
  const { create } = await import('tar'); // loaded when it is needed: most of the time an agent is idle
  const hash = createHash('sha256');
  const hashed = new Transform({
    transform(bytes: Buffer, _encoding, done) {
      hash.update(bytes);
      done(null, bytes);
    },
  });
  const tar = create({ cwd: folder, portable: true, noDirRecurse: true, follow: false, strict: true }, paths);
  await pipeline(tar as unknown as NodeJS.ReadableStream, createZstdCompress(), hashed, createWriteStream(target, { mode: 0o600 }));
  return { digest: hash.digest('hex'), size: (await stat(target)).size };
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
