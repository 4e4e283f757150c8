import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, opendir, rename, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { DomainError } from './errors.js';

export type BlobFacts = { size: number; modifiedAt: Date };
export type PutOptions = {
  /** Refuse more than this. */
  maxBytes?: number;
  /** SHA-256 of the bytes, in hex; refuse others. */
  sha256?: string;
};

/**
 * Stores large byte sequences under keys of ours: segments of letters, digits, `.`, `_` and `-`, separated by slashes. `put` is all or nothing, and
 * durable once it resolves; it replaces an existing blob. A reader never sees half a blob.
 */
export interface BlobStore {
  /** @throws DomainError `blob_too_large`, `blob_digest_mismatch`; whatever the source throws */
  put(key: string, content: AsyncIterable<Uint8Array> | Uint8Array, options?: PutOptions): Promise<{ size: number; sha256: string }>;
  /** Null when there is none. */
  facts(key: string): Promise<BlobFacts | null>;
  /** A small blob as a whole; null when there is none. */
  read(key: string): Promise<Buffer | null>;
  /** Bytes from `start` to `end`, both included, as far as there are; null when there is none. */
  stream(key: string, range?: { start: number; end?: number }): Promise<Readable | null>;
  /** Does nothing when there is none. */
  delete(key: string): Promise<void>;
  /** Every key that begins with the segments of `prefix`. */
  list(prefix: string): AsyncIterable<{ key: string } & BlobFacts>;
}

const KEY = /^[\w-][\w.-]*(\/[\w-][\w.-]*)*$/;
const UNFINISHED = '.unfinished';
/** An upload writes continuously, so a file that has not been written for this long belongs to a process that is gone. */
const UNFINISHED_MAX_AGE_MS = 24 * 3600_000;

/** Blobs as files in one folder, so for one server only. Unfinished ones are written to a folder of their own and then renamed. */
export class FolderBlobStore implements BlobStore {
  constructor(private readonly root: string) {}

  async put(
    key: string,
    content: AsyncIterable<Uint8Array> | Uint8Array,
    options: PutOptions = {},
  ): Promise<{ size: number; sha256: string }> {
    const target = this.path(key);
    const unfinished = join(this.root, UNFINISHED, randomUUID());
    await mkdir(dirname(unfinished), { recursive: true, mode: 0o700 });
    try {
      const written = await writeDurably(unfinished, content instanceof Uint8Array ? [content] : content, options.maxBytes);
      if (options.sha256 && options.sha256 !== written.sha256) throw digestMismatch(options.sha256, written.sha256);
      await moveInto(unfinished, target);
      await syncFolder(dirname(target));
      return written;
    } catch (error) {
      await rm(unfinished, { force: true });
      throw error;
    }
  }

  async facts(key: string): Promise<BlobFacts | null> {
    const found = await orNull(stat(this.path(key)));
    return found && { size: found.size, modifiedAt: found.mtime };
  }

  async read(key: string): Promise<Buffer | null> {
    const file = await orNull(open(this.path(key)));
    if (!file) return null;
    try {
      return await file.readFile();
    } finally {
      await file.close();
    }
  }

  async stream(key: string, range: { start: number; end?: number } = { start: 0 }): Promise<Readable | null> {
    const path = this.path(key);
    const file = await orNull(open(path));
    return file && createReadStream(path, { fd: file, ...range });
  }

  async delete(key: string): Promise<void> {
    const path = this.path(key);
    await rm(path, { force: true });
    // Its folder too, if the blob was the last in it; the root stays.
    if (key.includes('/')) await rmdir(dirname(path)).catch(() => undefined);
  }

  async *list(prefix: string): AsyncIterable<{ key: string } & BlobFacts> {
    const folder = await orNull(opendir(this.path(prefix), { recursive: true }));
    if (!folder) return;
    for await (const entry of folder) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const found = await orNull(stat(path));
      if (found) yield { key: relative(this.root, path).split(sep).join('/'), size: found.size, modifiedAt: found.mtime };
    }
  }

  /** Removes what a process that died in the middle of a `put` has left. */
  async removeUnfinished(now: number): Promise<void> {
    const folder = await orNull(opendir(join(this.root, UNFINISHED)));
    if (!folder) return;
    for await (const entry of folder) {
      const path = join(entry.parentPath, entry.name);
      const found = await orNull(stat(path));
      if (found && now - found.mtimeMs > UNFINISHED_MAX_AGE_MS) await rm(path, { force: true });
    }
  }

  private path(key: string): string {
    if (!KEY.test(key)) throw new Error(`"${key}" is not the key of a blob.`);
    return join(this.root, ...key.split('/'));
  }
}

async function writeDurably(
  path: string,
  content: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  maxBytes = Number.POSITIVE_INFINITY,
): Promise<{ size: number; sha256: string }> {
  const hash = createHash('sha256');
  const file = await open(path, 'wx', 0o600);
  let size = 0;
  try {
    for await (const bytes of content) {
      size += bytes.length;
      if (size > maxBytes) throw tooLarge(maxBytes);
      hash.update(bytes);
      await writeAll(file, bytes);
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return { size, sha256: hash.digest('hex') };
}

async function writeAll(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) at += (await file.write(bytes, at, bytes.length - at)).bytesWritten;
}

/** A folder may be deleted as empty between its making and its use. */
async function moveInto(from: string, to: string): Promise<void> {
  for (let tries = 3; ; tries--) {
    await mkdir(dirname(to), { recursive: true, mode: 0o700 });
    try {
      return await rename(from, to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 1) throw error;
    }
  }
}

/** A rename is durable once its folder is. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}

const tooLarge = (maxBytes: number) =>
  new DomainError(
    'too_large',
    'blob_too_large',
    `It is larger than the ${Math.floor(maxBytes / 2 ** 20)} MiB allowed. Nothing was stored. Make it smaller.`,
  );

const digestMismatch = (expected: string, actual: string) =>
  new DomainError(
    'bad_input',
    'blob_digest_mismatch',
    `The bytes have the SHA-256 ${actual}, not ${expected}: they were damaged or changed on the way. Nothing was stored. Send them again.`,
  );
