import { copyFile, open, stat, truncate } from 'node:fs/promises';
import { Mask } from '../logs/mask.js';
import { SecretMatcher } from '../logs/secret-matcher.js';

/** What an instance may keep of its output; older output goes. */
const MAX_BYTES = 16 * 1024 * 1024;
const TAIL_BYTES = 4096;
const MAX_REST_CHARACTERS = 64 * 1024;

/**
 * Keeps the file bounded, with what it held before beside it. The instance appends to it all the time, so it is cut in place;
 * what is printed in the instant between may be lost.
 */
export async function boundOutput(file: string, maxBytes = MAX_BYTES): Promise<void> {
  if ((await sizeOf(file)) <= maxBytes) return;
  await copyFile(file, `${file}.old`);
  await truncate(file, 0);
}

/** The last lines that were printed, secrets masked; empty when there are none. */
export async function lastLines(file: string, lines: number, secrets: string[]): Promise<string> {
  const size = await sizeOf(file);
  const bytes = await readBetween(file, Math.max(0, size - TAIL_BYTES), size);
  return masked(bytes, secrets).toString('utf8').trimEnd().split('\n').slice(-lines).join('\n');
}

function masked(bytes: Buffer, secrets: string[]): Buffer {
  const matcher = SecretMatcher.of(secrets);
  if (!matcher) return bytes;
  const mask = new Mask(matcher);
  return Buffer.concat([mask.push(bytes), mask.flush()]);
}

/** Reads on where the last read ended, by whole lines. */
export class OutputFollower {
  private rest = '';
  private offset = 0;

  constructor(private readonly file: string) {}

  async lines(): Promise<string[]> {
    const size = await sizeOf(this.file);
    if (size < this.offset) this.offset = 0; // it was cut
    const bytes = await readBetween(this.file, this.offset, Math.min(size, this.offset + 1024 * 1024));
    this.offset += bytes.length;
    const lines = (this.rest + bytes.toString('utf8')).split('\n');
    // A line that does not end is shown in parts, or it would grow in memory for as long as it is printed.
    this.rest = (lines.at(-1)?.length ?? 0) < MAX_REST_CHARACTERS ? (lines.pop() ?? '') : '';
    return lines;
  }
}

async function readBetween(file: string, from: number, to: number): Promise<Buffer> {
  if (to <= from) return Buffer.alloc(0);
  await using handle = await open(file, 'r');
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(to - from), 0, to - from, from);
  return buffer.subarray(0, bytesRead);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
    throw error;
  }
}
