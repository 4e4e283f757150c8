import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { promisify } from 'node:util';

const MIB = 1024 ** 2;
const LOOK_MS = 200;
/** What others delete on the same disk can hide growth; so the folder is measured this often in any case. */
const MEASURE_MS = 10_000;
/** A folder of a million files takes seconds to measure: the pause before the next time is as many times longer. */
const PAUSE_FACTOR = 10;
const LEAST_FILES = 250_000;

/** Bytes on the disk, and files, folders and links: a disk can run out of either. */
type Use = { bytes: number; files: number };

export type DiskWatchOptions = {
  /** New: what is on the disk already is not its. */
  folder: string;
  /** Null: no limit, and nothing is watched. */
  limitMib: number | null;
  /** So many anybody may make; {@link LEAST_FILES} if left out. */
  leastFiles?: number;
  /** {@link MEASURE_MS} if left out. */
  measureMs?: number;
  /** Bytes of files that still take room, being open, though no folder names them any more. */
  unnamedBytes(): Promise<number>;
};

/**
 * Watches how much a new folder holds, and says so when that is more than it may. No kernel does this for a folder of any file system, so what
 * is written between two looks comes on top. The folder can't have outgrown its limit before the disk has filled by what was left of it: a look
 * asks for that alone, and only then measures the folder. Of files it may have the part of what the disk can have that its bytes are of the
 * disk's.
 */
export class DiskWatch implements Disposable {
  readonly limitMib: number | null;
  private readonly exceeding = new AbortController();
  private readonly limit: Use;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private used: Use = { bytes: 0, files: 0 };
  private disk: Use;
  private measuredAt = performance.now();
  private tookMs = 0;

  constructor(private readonly options: DiskWatchOptions) {
    const { folder, limitMib, leastFiles = LEAST_FILES } = options;
    this.limitMib = limitMib;
    this.limit = { bytes: (limitMib ?? 0) * MIB, files: limitMib === null ? 0 : mostFiles(folder, limitMib * MIB, leastFiles) };
    this.disk = limitMib === null ? this.used : diskUse(folder);
    if (limitMib !== null) this.lookSoon();
  }

  /** Aborts when the folder holds too much. */
  get exceeded(): AbortSignal {
    return this.exceeding.signal;
  }

  /** What was met, to follow "its files". */
  get told(): string {
    if (this.used.bytes > this.limit.bytes) return `take more than the ${this.limitMib} MiB of disk that it may use`;
    return `are more than the ${this.limit.files} that it may make, which go with ${this.limitMib} MiB of this disk`;
  }

  /** Looks now; what ended a moment ago may have filled it just before. */
  async look(): Promise<void> {
    if (this.limitMib === null || this.exceeded.aborted) return;
    const { disk, used, limit } = this;
    const now = diskUse(this.options.folder);
    const mayBeFull = now.bytes - disk.bytes >= limit.bytes - used.bytes || now.files - disk.files >= limit.files - used.files;
    const { measureMs = MEASURE_MS } = this.options;
    if (mayBeFull || performance.now() - this.measuredAt >= measureMs) await this.measure(now);
  }

  private async measure(disk: Use): Promise<void> {
    const { folder, unnamedBytes } = this.options;
    const startedAt = performance.now();
    const [kib, files, unnamed] = await Promise.all([summed(folder, '-k'), summed(folder, '--inodes'), unnamedBytes()]);
    this.used = { bytes: kib * 1024 + unnamed, files };
    this.disk = disk;
    this.measuredAt = performance.now();
    this.tookMs = this.measuredAt - startedAt;
    if (this.used.bytes > this.limit.bytes || this.used.files > this.limit.files) this.exceeding.abort();
  }

  private lookSoon(): void {
    if (this.closed || this.exceeded.aborted) return;
    this.timer = setTimeout(
      () => {
        // A folder that is being removed can't be measured; the next look will tell.
        void this.look()
          .catch(() => {})
          .finally(() => this.lookSoon());
      },
      Math.max(LOOK_MS, this.measuredAt + PAUSE_FACTOR * this.tookMs - performance.now()),
    ).unref();
  }

  [Symbol.dispose](): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }
}

/** The kernel knows it without asking the disk. */
function diskUse(folder: string): Use {
  const { blocks, bfree, bsize, files, ffree } = statfsSync(folder);
  return { bytes: (blocks - bfree) * bsize, files: files - ffree };
}

/** File systems that make room for files as they come say that they have none at all. */
function mostFiles(folder: string, bytes: number, least: number): number {
  const { blocks, bsize, files } = statfsSync(folder);
  return files === 0 ? Number.POSITIVE_INFINITY : Math.max(least, Math.floor((files * bytes) / (blocks * bsize)));
}

/** Sparse files take what is written of them. A folder that can't be read counts for nothing, and says so by the exit code alone. */
async function summed(folder: string, unit: '-k' | '--inodes'): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-s', unit, '--one-file-system', '--', folder]).catch(
    (error: { stdout?: string }) => {
      if (typeof error.stdout === 'string') return { stdout: error.stdout };
      throw error;
    },
  );
  return Number.parseInt(stdout, 10) || 0;
}
