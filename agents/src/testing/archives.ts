import { zstdCompressSync } from 'node:zlib';
import { bytesOf } from '../workspace-program/names.js';
import { END_OF_ARCHIVE, type Entry, headerOf, paddingOf } from '../workspace-program/tar.js';

export type SomeEntry = { path: string; kind?: Entry['kind']; target?: string; text?: string; size?: number; mode?: number };

/** A tar archive of entries as they are given, hostile or not. */
export function tarOf(entries: readonly SomeEntry[]): Buffer {
  const blocks = entries.flatMap(({ path, kind = 'file', target = '', text = '', size = Buffer.byteLength(text), mode = 0o644 }) => [
    headerOf({ path: bytesOf(path), kind, target: bytesOf(target), size, mode, mtime: 0 }),
    Buffer.from(text),
    Buffer.alloc(paddingOf(Buffer.byteLength(text))),
  ]);
  return Buffer.concat([...blocks, END_OF_ARCHIVE]);
}

export const anArchive = (entries: readonly SomeEntry[]): Buffer => zstdCompressSync(tarOf(entries));
