import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  futimesSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import { readable, tooManyBytes, tooManyEntries } from './archive-bounds.ts';
import { type ArchiveBounds, type Message, Refused, type UnpackRequest } from './messages.ts';
import { type Bytes, bufferOf, faultOfPath, isInnerLink, shown } from './names.ts';
import { BrokenTar, type Entry, TarReader } from './tar.ts';

/** Room for what is not content, such as headers, before an archive counts as longer than its bounds. */
const OVERHEAD_BYTES = 1024 ** 2;
const OVERHEAD_PER_ENTRY = 4096;

/**
 * Unpacks into the working folder. What is in an archive was made by others: it is read twice, and refused as a whole before
 * anything is written. Links are made last, so that nothing is written through one.
 * @throws Refused, or an error of the file system
 */
export async function unpack({ archive, bounds, readOnly }: UnpackRequest, tell: (message: Message) => void): Promise<void> {
  const inspection = new Inspection(bounds);
  await readArchive(archive, bounds, inspection);
  const writing = new Writing(readOnly);
  try {
    await readArchive(archive, bounds, writing);
    writing.finish();
  } finally {
    writing.close();
  }
  tell({ kind: 'done', entries: inspection.entries, bytes: inspection.bytes });
}

interface ArchiveReader {
  entry(entry: Entry): void;
  content(bytes: Buffer): void;
}

async function readArchive(archive: string, bounds: ArchiveBounds, reader: ArchiveReader): Promise<void> {
  const tar = new TarReader({
    entry: (entry) =>
      reader.entry({ ...entry, path: plain(entry.path), target: entry.kind === 'hard link' ? plain(entry.target) : entry.target }),
    content: (bytes) => reader.content(bytes),
  });
  const most = bounds.bytes + bounds.entries * OVERHEAD_PER_ENTRY + OVERHEAD_BYTES;
  let read = 0;
  const sink = new Writable({
    write(chunk: Buffer, _, done) {
      try {
        read += chunk.length;
        if (read > most) throw refusal(`it is longer than ${readable(most)}, more than its content can need`);
        tar.write(chunk);
        done();
      } catch (error) {
        done(error as Error);
      }
    },
  });
  try {
    await pipeline(createReadStream(archive), createZstdDecompress(), sink);
    tar.end();
  } catch (error) {
    const { code = '', message } = error as NodeJS.ErrnoException;
    if (error instanceof BrokenTar || code.startsWith('ZSTD_') || code.startsWith('Z_') || code.startsWith('ERR_ZLIB'))
      throw refusal(message);
    throw error;
  }
}

const refusal = (why: string): Refused => new Refused('artifact_invalid', `The archive was refused: ${why}.`);

/** Without what says nothing: `./` before a name and `/` behind that of a folder. */
export function plain(path: Bytes): Bytes {
  const named = path.replace(/^(\.\/+)+/, '').replace(/\/+$/, '');
  return named === '.' ? '' : named || (path.startsWith('/') ? '/' : '');
}

/** Looks at all entries, and remembers what each path is to be. */
export class Inspection implements ArchiveReader {
  entries = 0;
  bytes = 0;
  private readonly bounds: ArchiveBounds;
  /** `implied`: a folder that something lies in. */
  private readonly kinds = new Map<Bytes, Entry['kind'] | 'implied'>();

  constructor(bounds: ArchiveBounds) {
    this.bounds = bounds;
  }

  entry(entry: Entry): void {
    this.entries++;
    this.bytes += entry.size;
    if (this.entries > this.bounds.entries) throw refusal(tooManyEntries(this.bounds));
    if (this.bytes > this.bounds.bytes) throw refusal(tooManyBytes(this.bytes, this.bounds, entry));
    if (entry.path === '' && entry.kind === 'folder') return; // the folder itself
    const fault = faultOfPath(entry.path) ?? this.faultOfLink(entry) ?? this.faultOfPlace(entry);
    if (fault) throw refusal(`${shown(entry.path)} ${fault}`);
    this.kinds.set(entry.path, entry.kind);
  }

  content(): void {}

  private faultOfLink({ kind, path, target }: Entry): string | null {
    if (kind === 'link' && !isInnerLink(path, target)) return `is a link to ${shown(target)}, which leads outside its folder`;
    if (kind !== 'hard link' || ['file', 'hard link'].includes(this.kinds.get(target) ?? '')) return null;
    return `is a hard link to ${shown(target)}, which leads outside the archive: no file before it has this name`;
  }

  private faultOfPlace({ path, kind }: Entry): string | null {
    const before = this.kinds.get(path);
    if (before && !(before === 'implied' && kind === 'folder')) return 'is in it twice';
    for (let end = path.lastIndexOf('/'); end > 0; end = path.lastIndexOf('/', end - 1)) {
      const folder = path.slice(0, end);
      const parent = this.kinds.get(folder);
      if (parent === 'folder' || parent === 'implied') return null;
      if (parent) return `lies in ${shown(folder)}, which is not a folder`;
      this.kinds.set(folder, 'implied');
    }
    return null;
  }
}

/** Writes entries that were found harmless. The folder may hold files already, such as a checkout; these are replaced. */
class Writing implements ArchiveReader {
  private readonly readOnly: boolean;
  private readonly folders = new Set<Bytes>(['']);
  private readonly links: Entry[] = [];
  private file: { descriptor: number; mtime: number } | null = null;

  constructor(readOnly: boolean) {
    this.readOnly = readOnly;
  }

  entry(entry: Entry): void {
    this.close();
    if (entry.path === '') return;
    if (entry.kind === 'folder') this.makeFolder(entry.path, entry.mode);
    else if (entry.kind === 'file') this.begin(entry);
    else this.links.push(entry);
  }

  content(bytes: Buffer): void {
    if (!this.file) return;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.file.descriptor, bytes, at);
  }

  close(): void {
    if (!this.file) return;
    futimesSync(this.file.descriptor, this.file.mtime, this.file.mtime);
    closeSync(this.file.descriptor);
    this.file = null;
  }

  finish(): void {
    this.close();
    for (const { kind, path, target } of this.links.sort((a, b) => (a.kind < b.kind ? -1 : 1))) {
      this.makeRoom(path);
      if (kind === 'hard link') linkSync(bufferOf(target), bufferOf(path));
      else symlinkSync(bufferOf(target), bufferOf(path));
    }
  }

  private begin({ path, mode, mtime }: Entry): void {
    this.makeRoom(path);
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const descriptor = openSync(bufferOf(path), flags, 0o600);
    fchmodSync(descriptor, this.readOnly ? ((mode & 0o111) === 0 ? 0o444 : 0o555) : (mode & 0o755) | 0o600);
    this.file = { descriptor, mtime };
  }

  /** Makes the folder that it goes to, and removes a file or link of this name. */
  private makeRoom(path: Bytes): void {
    const end = path.lastIndexOf('/');
    if (end > 0) this.makeFolder(path.slice(0, end), 0o755);
    const there = lstatSync(bufferOf(path), { throwIfNoEntry: false });
    if (there?.isDirectory()) throw refusal(`${shown(path)} is already a folder here`);
    if (there) unlinkSync(bufferOf(path));
  }

  private makeFolder(path: Bytes, mode: number): void {
    if (this.folders.has(path)) return;
    const end = path.lastIndexOf('/');
    if (end > 0) this.makeFolder(path.slice(0, end), 0o755);
    const there = lstatSync(bufferOf(path), { throwIfNoEntry: false });
    if (there && !there.isDirectory()) throw refusal(`${shown(path)} should be a folder, but something else is already here`);
    if (!there) mkdirSync(bufferOf(path), this.readOnly ? 0o755 : (mode & 0o755) | 0o700);
    this.folders.add(path);
  }
}
