import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';

const MIB = 1024 ** 2;
const LOOK_MS = 1_000;
/** What others delete on the same disk can hide growth; so it is measured this often in any case. */
const MEASURE_AT_LEAST_MS = 60_000;

/**
 * Watches how much a folder holds, and says so when that is more than it may. No kernel does this for a folder of any file system, so what is
 * written between two looks comes on top. A folder can't have outgrown its limit before the disk has filled by what was left of it: only
 * then are its files counted, which takes a second for a million of them.
 */
export class DiskWatch implements Disposable {
  private readonly exceeding = new AbortController();
  private readonly limitBytes: number;
  private timer: NodeJS.Timeout | null = null;
  private closed = false;
  private usedBytes = 0;
  private diskBytes = 0;
  private measuredAt = 0;

  /** @param limitMib null: there is no limit, and nothing is watched */
  constructor(
    private readonly folder: string,
    readonly limitMib: number | null,
  ) {
    this.limitBytes = (limitMib ?? 0) * MIB;
    if (limitMib !== null) this.lookSoon();
  }

  /** Aborts when the folder holds too much. */
  get exceeded(): AbortSignal {
    return this.exceeding.signal;
  }

  /** Looks now; what ended a moment ago may have filled it just before. */
  async look(): Promise<void> {
    if (this.limitMib === null || this.exceeded.aborted || !(await this.mayHaveOutgrown())) return;
    const before = await diskUse(this.folder);
    this.usedBytes = await sizeOf(this.folder);
    [this.diskBytes, this.measuredAt] = [before, performance.now()];
    if (this.usedBytes > this.limitBytes) this.exceeding.abort();
  }

  private async mayHaveOutgrown(): Promise<boolean> {
    if (this.measuredAt === 0 || performance.now() - this.measuredAt > MEASURE_AT_LEAST_MS) return true;
    return (await diskUse(this.folder)) - this.diskBytes >= this.limitBytes - this.usedBytes;
  }

  private lookSoon(): void {
    if (this.closed || this.exceeded.aborted) return;
    this.timer = setTimeout(() => {
      // A folder that is going away can't be looked at; the next look tells.
      void this.look()
        .catch(() => {})
        .finally(() => this.lookSoon());
    }, LOOK_MS).unref();
  }

  [Symbol.dispose](): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }
}

async function diskUse(folder: string): Promise<number> {
  const { blocks, bfree, bsize } = await statfs(folder);
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
