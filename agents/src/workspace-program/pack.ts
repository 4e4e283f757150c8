import { closeSync, constants, fstatSync, lstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdCompress } from 'node:zlib';
import { readable, tooManyBytes, tooManyEntries } from './archive-bounds.ts';
import { type FoundFile, findFiles, listed } from './find-files.ts';
import { type FilesRequest, type Message, Refused } from './messages.ts';
import { type Bytes, bufferOf, faultOfPath, isInnerLink, shown } from './names.ts';
import { BLOCK, END_OF_ARCHIVE, type Entry, headerOf, paddingOf } from './tar.ts';

const CHUNK_BYTES = 256 * 1024;
const TELL_EVERY_MS = 10_000;

type Left = { path: Bytes; why: string };

/** Packs what the patterns name, in the working folder, to `target`. @throws Refused */
export async function pack(request: FilesRequest, target: Writable, tell: (message: Message) => void): Promise<void> {
  const notice = (text: string): void => tell({ kind: 'notice', text });
  const { entries, left } = choose(request, notice);
  if (left.length > 0) notice(`Left out of artifact "${request.name}": ${listed(left)}.`);
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  if (bytes > request.bounds.bytes) {
    const largest = entries.reduce((one, other) => (other.size > one.size ? other : one));
    throw invalid(request.name, tooManyBytes(bytes, request.bounds, largest));
  }
  let toldAt = performance.now();
  const progress = (done: number): void => {
    if (performance.now() - toldAt < TELL_EVERY_MS) return;
    toldAt = performance.now();
    notice(`Packing artifact "${request.name}": ${readable(done)} of ${readable(bytes)}.`);
  };
  await pipeline(Readable.from(joined(tarOf(entries, progress)), { objectMode: false }), createZstdCompress(), target);
  tell({ kind: 'done', entries: entries.length, bytes });
}

function choose({ name, patterns, bounds }: FilesRequest, notice: (text: string) => void): { entries: Entry[]; left: Left[] } {
  const tooMany = (): Error => invalid(name, tooManyEntries(bounds));
  const found = findFiles(patterns, { skipped: [], most: bounds.entries, tooMany });
  const left: Left[] = [...found.unreadable];
  const entries = found.files.map((file) => entryOf(name, file, left)).filter((entry) => entry !== null);
  for (const pattern of found.unmatched) {
    if (pattern.startsWith('!')) notice(`"${pattern}" excludes nothing from artifact "${name}": no file matches it.`);
    else throw missing(name, pattern);
  }
  if (found.excluded > 0)
    notice(`Excluded from artifact "${name}" by patterns with "!": ${found.excluded} of the files that other patterns match.`);
  if (entries.length > 0) return { entries, left };
  throw new Refused(
    'artifact_missing',
    `Artifact "${name}" would be empty: ${left.length > 0 ? listed(left) : 'its patterns with "!" exclude everything'}.`,
  );
}

const missing = (name: string, pattern: string): Refused =>
  new Refused(
    'artifact_missing',
    `Artifact "${name}" should contain "${pattern}", but the steps made nothing there. Check the path, which is relative to the workspace.`,
  );

const invalid = (name: string, why: string): Refused => new Refused('artifact_invalid', `Artifact "${name}" was not stored: ${why}.`);

/** @returns null for what can't be in an archive; it is told. @throws Refused for a name that no archive may have */
function entryOf(name: string, { path, kind }: FoundFile, left: Left[]): Entry | null {
  const leave = (why: string): null => {
    left.push({ path, why });
    return null;
  };
  const fault = faultOfPath(path);
  if (fault) throw invalid(name, `${shown(path)} ${fault}. Rename it, or exclude it with a pattern that begins with "!"`);
  if (kind === 'other') return leave('neither a file, a folder nor a link');
  try {
    const { size, mode, mtimeMs } = lstatSync(bufferOf(path));
    const facts = { path, mode: mode & 0o777, mtime: Math.floor(mtimeMs / 1000) };
    if (kind === 'folder') return { ...facts, kind, target: '', size: 0 };
    if (kind === 'link') {
      const target = readlinkSync(bufferOf(path), 'latin1');
      return isInnerLink(path, target) ? { ...facts, kind, target, size: 0 } : leave(`a link to ${shown(target)}, outside the workspace`);
    }
    closeSync(openForReading(path));
    return { ...facts, kind, target: '', size };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EACCES' || code === 'EPERM') return leave('the job may not read it');
    if (code === 'ENOENT' || code === 'ELOOP') return leave('it was gone');
    throw error;
  }
}

function openForReading(path: Bytes): number {
  const file = openSync(bufferOf(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if (fstatSync(file).isFile()) return file;
  closeSync(file);
  throw new Error(`${shown(path)} was replaced while the artifact was packed`);
}

function* tarOf(entries: readonly Entry[], progress: (bytes: number) => void): Generator<Buffer> {
  let done = 0;
  for (const entry of entries) {
    yield headerOf(entry);
    if (entry.kind !== 'file' || entry.size === 0) continue;
    for (const bytes of contentOf(entry)) {
      yield bytes;
      done += bytes.length;
      progress(done);
    }
    yield Buffer.alloc(paddingOf(entry.size));
  }
  yield END_OF_ARCHIVE;
  yield Buffer.alloc(BLOCK); // some readers want more than the end itself
}

/** Of some size: each piece costs the compressor a turn of the thread pool, and a small file alone is three. */
function* joined(pieces: Iterable<Buffer>): Generator<Buffer> {
  let gathered: Buffer[] = [];
  let bytes = 0;
  for (const piece of pieces) {
    gathered.push(piece);
    bytes += piece.length;
    if (bytes < CHUNK_BYTES) continue;
    yield gathered.length === 1 ? piece : Buffer.concat(gathered, bytes);
    [gathered, bytes] = [[], 0];
  }
  yield Buffer.concat(gathered, bytes);
}

/** Exactly as many bytes as the header has said. */
function* contentOf({ path, size }: Entry): Generator<Buffer> {
  const file = openForReading(path);
  try {
    for (let left = size; left > 0; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, left));
      const bytes = readSync(file, chunk, 0, chunk.length, null);
      if (bytes === 0) throw new Error(`${shown(path)} became shorter while the artifact was packed`);
      yield chunk.subarray(0, bytes);
      left -= bytes;
    }
  } finally {
    closeSync(file);
  }
}
