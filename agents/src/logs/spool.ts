import { type FileHandle, mkdir, open, rm } from 'node:fs/promises';
import { join } from 'node:path';

const MAX_SEGMENT_BYTES = 16 * 1024 * 1024;
const MAX_SEGMENT_CHUNKS = 4096;
/** What may wait for the disk before writers are held up. */
const MAX_UNWRITTEN_BYTES = 1024 * 1024;
const RETRY_MS = 1000;

type Segment = { path: string; file: FileHandle; first: number; offsets: number[]; bytes: number };

/**
 * Chunks of one log on disk, in segments of 16 MiB, each deleted once everything in it is sealed. Chunks are appended in order, from 0.
 * While the disk refuses (full, broken), chunks stay in memory and `pressure` holds the writer up until the disk takes them or
 * the server has sealed them: nothing is dropped.
 */
export class Spool {
  private readonly segments: Segment[] = [];
  private readonly unwritten = new Map<number, Uint8Array>();
  private unwrittenBytes = 0;
  private draining: Promise<void> | null = null;
  private waiting: { promise: Promise<void>; resolve: () => void } | null = null;
  private closed = false;

  private constructor(
    private readonly folder: string,
    private readonly onDiskError: (error: unknown) => void,
  ) {}

  static async open(folder: string, onDiskError: (error: unknown) => void): Promise<Spool> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return new Spool(folder, onDiskError);
  }

  append(n: number, body: Uint8Array): void {
    this.unwritten.set(n, body);
    this.unwrittenBytes += body.length;
    this.draining ??= this.drain();
  }

  /** Set while more waits for the disk than may: resolves when it is less. */
  get pressure(): Promise<void> | undefined {
    if (this.unwrittenBytes <= MAX_UNWRITTEN_BYTES || this.closed) return undefined;
    this.waiting ??= Promise.withResolvers<void>();
    return this.waiting.promise;
  }

  /** Null: sealed and gone, or not there yet. */
  async read(n: number): Promise<Uint8Array | null> {
    const inMemory = this.unwritten.get(n);
    if (inMemory) return inMemory;
    const segment = this.segments.findLast((s) => s.first <= n);
    const start = segment?.offsets[n - segment.first];
    if (!segment || start === undefined) return null;
    const end = segment.offsets[n - segment.first + 1] ?? segment.bytes;
    const body = Buffer.allocUnsafe(end - start);
    try {
      const { bytesRead } = await segment.file.read(body, 0, body.length, start);
      return bytesRead === body.length ? body : null;
    } catch (error) {
      if (this.closed || !this.segments.includes(segment)) return null;
      throw error;
    }
  }

  /** Everything up to and including `through` is sealed. */
  async release(through: number): Promise<void> {
    for (const n of this.unwritten.keys()) if (n <= through) this.forget(n);
    while (this.segments.length > 1 && (this.segments[1] as Segment).first <= through + 1) {
      await remove(this.segments.shift() as Segment);
    }
  }

  /** Resolves when all that was appended is on disk or sealed. */
  async written(): Promise<void> {
    await this.draining;
  }

  /** Lets go of the files and leaves them, unless `keep` is false. */
  async close({ keep }: { keep: boolean }): Promise<void> {
    if (!this.closed) {
      this.closed = true;
      this.relieve();
      await this.draining;
      await Promise.all(this.segments.splice(0).map((segment) => segment.file.close()));
    }
    if (!keep) await rm(this.folder, { recursive: true, force: true });
  }

  private async drain(): Promise<void> {
    while (this.unwritten.size > 0 && !this.closed) {
      const [n, body] = this.unwritten.entries().next().value as [number, Uint8Array];
      try {
        await this.write(n, body);
        this.forget(n);
      } catch (error) {
        this.onDiskError(error);
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      }
    }
    this.draining = null;
  }

  private async write(n: number, body: Uint8Array): Promise<void> {
    const segment = await this.segmentFor(n);
    const { bytesWritten } = await segment.file.write(body, 0, body.length, segment.bytes);
    if (bytesWritten < body.length) throw new Error(`Only ${bytesWritten} of ${body.length} bytes of a log chunk fitted on the disk.`);
    segment.offsets.push(segment.bytes);
    segment.bytes += body.length;
  }

  /** A chunk that was sealed before it was written leaves a gap, so the next one begins a new segment. */
  private async segmentFor(n: number): Promise<Segment> {
    const last = this.segments.at(-1);
    const fits = last && last.bytes < MAX_SEGMENT_BYTES && last.offsets.length < MAX_SEGMENT_CHUNKS;
    if (fits && last.first + last.offsets.length === n) return last;
    const path = join(this.folder, `${n}.chunks`);
    const segment: Segment = { path, file: await open(path, 'w+', 0o600), first: n, offsets: [], bytes: 0 };
    this.segments.push(segment);
    return segment;
  }

  private forget(n: number): void {
    const body = this.unwritten.get(n);
    if (!body || !this.unwritten.delete(n)) return;
    this.unwrittenBytes -= body.length;
    if (this.unwrittenBytes <= MAX_UNWRITTEN_BYTES) this.relieve();
  }

  private relieve(): void {
    this.waiting?.resolve();
    this.waiting = null;
  }
}

async function remove(segment: Segment): Promise<void> {
  await segment.file.close();
  await rm(segment.path, { force: true });
}
