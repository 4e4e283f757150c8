import { type Bytes, bufferOf, shown } from './names.ts';

/**
 * Tar as POSIX has it (ustar, with extended headers for what does not fit): https://pubs.opengroup.org/onlinepubs/9699919799/utilities/pax.html
 * (File Format). Reads GNU's long names as well. Names are bytes and mean nothing here.
 */
export type Entry = {
  kind: 'file' | 'folder' | 'link' | 'hard link';
  path: Bytes;
  /** Where a link leads to. */
  target: Bytes;
  /** Of a file; others have no content. */
  size: number;
  mode: number;
  /** Seconds since 1970. */
  mtime: number;
};

export const BLOCK = 512;
const TYPES = { file: '0', 'hard link': '1', link: '2', folder: '5' } as const;
const KINDS: Record<string, Entry['kind']> = { '0': 'file', '\0': 'file', '7': 'file', '1': 'hard link', '2': 'link', '5': 'folder' };
/** Extended headers hold a name or two; more is an attempt to fill the memory. */
const MAX_META_BYTES = 64 * 1024;
const MAX_OCTAL_SIZE = 0o77777777777;

/** What precedes an entry's content. */
export function headerOf(entry: Entry): Buffer {
  const records: [string, Bytes][] = [];
  const path = entry.kind === 'folder' ? `${entry.path}/` : entry.path;
  if (path.length > 100) records.push(['path', path]);
  if (entry.target.length > 100) records.push(['linkpath', entry.target]);
  if (entry.size > MAX_OCTAL_SIZE) records.push(['size', `${entry.size}`]);
  const own = block(TYPES[entry.kind], { ...entry, path });
  if (records.length === 0) return own;
  const body = Buffer.from(records.map(([key, value]) => record(key, value)).join(''), 'latin1');
  const extended = block('x', { ...entry, path: 'PaxHeader', target: '', size: body.length, mode: 0o644 });
  return Buffer.concat([extended, body, Buffer.alloc(paddingOf(body.length)), own]);
}

/** Zeros that fill the last block of a content. */
export const paddingOf = (size: number): number => (BLOCK - (size % BLOCK)) % BLOCK;

export const END_OF_ARCHIVE: Buffer = Buffer.alloc(2 * BLOCK);

function block(type: string, { path, target, size, mode, mtime }: Omit<Entry, 'kind'>): Buffer {
  const header = Buffer.alloc(BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    header.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1');
  };
  bufferOf(path).copy(header, 0, 0, 100);
  octal(mode & 0o777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size > MAX_OCTAL_SIZE ? 0 : size, 124, 12);
  octal(Math.min(Math.max(0, Math.floor(mtime)), MAX_OCTAL_SIZE), 136, 12);
  header.write(type, 156, 'latin1');
  bufferOf(target).copy(header, 157, 0, 100);
  header.write('ustar\x0000', 257, 'latin1');
  header.write(`${checksumOf(header).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return header;
}

/** Its length, which it begins with, counts itself. */
function record(key: string, value: Bytes): string {
  const rest = ` ${key}=${value}\n`;
  const guess = rest.length + `${rest.length}`.length;
  return `${rest.length + `${guess}`.length}${rest}`;
}

function checksumOf(header: Buffer): number {
  let sum = 8 * 0x20; // its own field counts as spaces
  for (let i = 0; i < BLOCK; i++) if (i < 148 || i >= 156) sum += header[i] ?? 0;
  return sum;
}

export type TarEvents = {
  entry(entry: Entry): void;
  /** A part of the last entry's content; only good until this returns. */
  content(bytes: Buffer): void;
};

export class BrokenTar extends Error {}

/** Reads a tar archive as it comes, in constant memory. @throws BrokenTar, and whatever the events throw. */
export class TarReader {
  private readonly events: TarEvents;
  private readonly header = Buffer.alloc(BLOCK);
  private headerBytes = 0;
  private contentLeft = 0;
  private paddingLeft = 0;
  /** An extended header that is being gathered. */
  private meta: { type: string; parts: Buffer[] } | null = null;
  /** What extended headers say of the entry that comes next. */
  private said: Partial<Record<'path' | 'linkpath' | 'size', Bytes>> = {};
  private isOver = false;

  constructor(events: TarEvents) {
    this.events = events;
  }

  write(chunk: Buffer): void {
    for (let rest = chunk; rest.length > 0 && !this.isOver; ) {
      const used = this.contentLeft > 0 ? this.readContent(rest) : this.paddingLeft > 0 ? this.skipPadding(rest) : this.readHeader(rest);
      rest = rest.subarray(used);
    }
  }

  end(): void {
    if (!this.isOver) throw new BrokenTar('its end is missing');
  }

  private readContent(bytes: Buffer): number {
    const content = bytes.subarray(0, this.contentLeft);
    this.contentLeft -= content.length;
    if (this.meta) this.meta.parts.push(Buffer.from(content));
    else this.events.content(content);
    if (this.contentLeft === 0 && this.meta) this.endMeta(this.meta);
    return content.length;
  }

  private skipPadding(bytes: Buffer): number {
    const skipped = Math.min(bytes.length, this.paddingLeft);
    this.paddingLeft -= skipped;
    return skipped;
  }

  private readHeader(bytes: Buffer): number {
    const used = bytes.copy(this.header, this.headerBytes, 0, BLOCK - this.headerBytes);
    this.headerBytes += used;
    if (this.headerBytes === BLOCK) {
      this.headerBytes = 0;
      this.endHeader(this.header);
    }
    return used;
  }

  private endHeader(header: Buffer): void {
    if (header.every((byte) => byte === 0)) {
      this.isOver = true;
      return;
    }
    if (numberIn(header, 148, 8) !== checksumOf(header)) throw new BrokenTar('the checksum of a header is wrong');
    const type = String.fromCharCode(header[156] ?? 0);
    const isMeta = ['x', 'g', 'L', 'K'].includes(type);
    const size = isMeta ? this.beginMeta(type, numberIn(header, 124, 12)) : this.beginEntry(type, header);
    this.contentLeft = size;
    this.paddingLeft = paddingOf(size);
    if (this.meta && size === 0) this.endMeta(this.meta);
  }

  /** @returns the length of its content */
  private beginEntry(type: string, header: Buffer): number {
    const { path: saidPath, linkpath, size: saidSize } = this.said;
    this.said = {};
    const path = saidPath ?? pathIn(header);
    const kind = KINDS[type];
    if (!kind) throw new BrokenTar(kindOf(type, path));
    const size = saidSize === undefined ? numberIn(header, 124, 12) : decimal(saidSize);
    const isFolder = kind === 'folder' || (kind === 'file' && path.endsWith('/'));
    if (size > 0 && (kind !== 'file' || isFolder)) throw new BrokenTar('something that is not a file has content');
    this.events.entry({
      kind: isFolder ? 'folder' : kind,
      path,
      target: linkpath ?? textIn(header, 157, 100),
      size,
      mode: numberIn(header, 100, 8) & 0o777,
      mtime: numberIn(header, 136, 12),
    });
    return size;
  }

  private beginMeta(type: string, size: number): number {
    if (size > MAX_META_BYTES) throw new BrokenTar(`an extended header has more than ${MAX_META_BYTES} bytes`);
    this.meta = { type, parts: [] };
    return size;
  }

  private endMeta({ type, parts }: { type: string; parts: Buffer[] }): void {
    this.meta = null;
    const text = Buffer.concat(parts).toString('latin1');
    if (type === 'L') this.said.path = untilNul(text);
    else if (type === 'K') this.said.linkpath = untilNul(text);
    else for (const [key, value] of recordsIn(text)) this.say(type, key, value);
  }

  private say(type: string, key: string, value: Bytes): void {
    if (key.startsWith('GNU.sparse.')) throw new BrokenTar('it contains a sparse file');
    if (key !== 'path' && key !== 'linkpath' && key !== 'size') return;
    if (type === 'g') throw new BrokenTar('it gives one name to all entries');
    this.said[key] = value;
  }
}

function kindOf(type: string, path: Bytes): string {
  if (type === 'S') return 'it contains a sparse file';
  if (type === '3' || type === '4' || type === '6') return `${shown(path)} is a device or a pipe, neither a file, a folder nor a link`;
  return `it contains an entry of an unknown kind (${JSON.stringify(type)}), neither a file, a folder nor a link`;
}

function pathIn(header: Buffer): Bytes {
  const name = textIn(header, 0, 100);
  const isPosix = header.toString('latin1', 257, 263) === 'ustar\0';
  const prefix = isPosix ? textIn(header, 345, 155) : '';
  return prefix === '' ? name : `${prefix}/${name}`;
}

const untilNul = (text: Bytes): Bytes => {
  const end = text.indexOf('\0');
  return end === -1 ? text : text.slice(0, end);
};

const textIn = (header: Buffer, at: number, length: number): Bytes => untilNul(header.toString('latin1', at, at + length));

/** Octal digits, or what GNU does for large numbers: the first bit, then the number in binary. */
function numberIn(header: Buffer, at: number, length: number): number {
  const first = header[at] ?? 0;
  if (first === 0x80) {
    const value = header.subarray(at + 1, at + length).reduce((sum, byte) => sum * 256 + byte, 0);
    if (!Number.isSafeInteger(value)) throw new BrokenTar('a number in a header is too large');
    return value;
  }
  const text = textIn(header, at, length).trim();
  if (!/^[0-7]*$/.test(text)) throw new BrokenTar("a number in a header can't be read");
  return text === '' ? 0 : Number.parseInt(text, 8);
}

function decimal(text: string): number {
  const value = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(value)) throw new BrokenTar("a number in a header can't be read");
  return value;
}

function* recordsIn(text: Bytes): Generator<[string, Bytes]> {
  for (let at = 0; at < text.length; ) {
    const [, length = ''] = /^(\d{1,6}) /.exec(text.slice(at, at + 8)) ?? [];
    const end = at + Number(length);
    const equals = text.indexOf('=', at);
    if (length === '' || end > text.length || text[end - 1] !== '\n' || equals === -1 || equals >= end)
      throw new BrokenTar("an extended header can't be read");
    yield [text.slice(at + length.length + 1, equals), text.slice(equals + 1, end - 1)];
    at = end;
  }
}
