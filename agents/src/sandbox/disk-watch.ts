import { execFile } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { promisify } from 'node:util';

const MIB = 1024 ** 2;
const LOOK_MS = 200;
/** What others delete on the same disk can hide growth; so the folder is measured this often in any case. */
const MEASURE_MS = 10_000;
/** A folder of a million files takes seconds to measure: the pause before the next time is as many times longer. */
const PAUSE_FACTOR = 10;

/**
 * Watches how much a new folder holds, and says so when that is more than it may. No kernel does this for a folder of any file system, so what
 * is written between two looks comes on top. The folder can't have outgrown its limit before the disk has filled by what was left of it: a look
 * asks for that alone, and only then measures the folder.
 */
export class DiskWatch implements Disposable {
  private readonly exceeding = new AbortController();
  private readonly limitBytes: number;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private usedBytes = 0;
  private diskBytes: number;
  private measuredAt = performance.now();
  private tookMs = 0;

  /** @param limitMib null: there is no limit, and nothing is watched */
  constructor(
    private readonly folder: string,
    readonly limitMib: number | null,
  ) {
    this.limitBytes = (limitMib ?? 0) * MIB;
    this.diskBytes = limitMib === null ? 0 : diskUse(folder);
    if (limitMib !== null) this.lookSoon();
  }

  /** Aborts when the folder holds too much. */
  get exceeded(): AbortSignal {
    return this.exceeding.signal;
  }

  /** Looks now; what ended a moment ago may have filled it just before. */
  async look(): Promise<void> {
    if (this.limitMib === null || this.exceeded.aborted) return;
    const diskBytes = diskUse(this.folder);
    const mayBeFull = diskBytes - this.diskBytes >= this.limitBytes - this.usedBytes;
    if (mayBeFull || performance.now() - this.measuredAt > MEASURE_MS) await this.measure(diskBytes);
  }

  private async measure(diskBytes: number): Promise<void> {
    const startedAt = performance.now();
    this.usedBytes = await sizeOf(this.folder);
    this.diskBytes = diskBytes;
    this.measuredAt = performance.now();
    this.tookMs = this.measuredAt - startedAt;
    if (this.usedBytes > this.limitBytes) this.exceeding.abort();
  }

  private lookSoon(): void {
    if (this.closed || this.exceeded.aborted) return;
    this.timer = setTimeout(
      () => {
        // A folder that is going away can't be looked at; the next look tells.
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
function diskUse(folder: string): number {
  const { blocks, bfree, bsize } = statfsSync(folder);
  return (blocks - bfree) * bsize;
}

/** What it takes on the disk; sparse files take what is written of them. A folder that can't be read counts for nothing, and says so by the exit code alone. */
async function sizeOf(folder: string): Promise<number> {
  const { stdout } = await promisify(execFile)('du', ['-sk', '--one-file-system', '--', folder]).catch((error: { stdout?: string }) => {
    if (typeof error.stdout === 'string') return { stdout: error.stdout };
    throw error;
  });
  return Number.parseInt(stdout, 10) * 1024 || 0;
}
