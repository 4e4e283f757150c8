import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Between two looks: a look costs more than a hundred lines. */
const LOOK_MS = 25;
/** The same after a look that found a third of what the pipe holds (64 KiB, some 1,000 lines). */
const FULL_LOOK_MS = 5;
const FULL_BYTES = 20_000;
/** The same after so many looks at an empty pipe. */
const IDLE_AFTER_LOOKS = 8;
const IDLE_LOOK_MS = 50;
/** A line is far shorter; input without a line end is not a line. */
const MAX_LINE = 16_384;

/**
 * The named pipe through which HAProxy reports each request. Its descriptors read and write, so neither side ends it for the other, and the next
 * router reads what was written while none ran. It is read at intervals: waking up for each line would cost more than the lines.
 */
export class TrafficPipe {
  private readonly buffer = Buffer.alloc(65_536);
  private rest = '';
  private emptyLooks = 0;
  private nextLookMs = LOOK_MS;
  private timer: NodeJS.Timeout | null = null;

  private constructor(
    /** For HAProxy to write to. */
    readonly descriptor: number,
    private readonly reading: number,
    private readonly onLines: (lines: string[]) => void,
    /** A HAProxy that runs already writes to another, which nobody reads. */
    readonly isNew: boolean,
  ) {}

  static async open(path: string, onLines: (lines: string[]) => void): Promise<TrafficPipe> {
    const present = await stat(path).catch(() => null);
    const isNew = !present?.isFIFO();
    if (isNew) {
      await rm(path, { force: true, recursive: true });
      await promisify(execFile)('mkfifo', ['-m', '600', path]);
    }
    return new TrafficPipe(openSync(path, constants.O_RDWR), openSync(path, constants.O_RDWR | constants.O_NONBLOCK), onLines, isNew);
  }

  /** What is read from now on must be known to who counts it. */
  begin(): void {
    this.timer = setTimeout(() => {
      const bytes = this.takeAll();
      this.emptyLooks = bytes > 0 ? 0 : this.emptyLooks + 1;
      this.nextLookMs = bytes > FULL_BYTES ? FULL_LOOK_MS : this.emptyLooks < IDLE_AFTER_LOOKS ? LOOK_MS : IDLE_LOOK_MS;
      this.begin();
    }, this.nextLookMs);
  }

  /** Everything that was written before. @returns how many bytes */
  takeAll(): number {
    let bytes = 0;
    for (let read = this.read(); read > 0; read = this.read()) {
      bytes += read;
      const lines = (this.rest + this.buffer.toString('latin1', 0, read)).split('\n');
      this.rest = lines.pop() ?? '';
      if (this.rest.length > MAX_LINE) this.rest = '';
      this.onLines(lines);
    }
    return bytes;
  }

  close(): void {
    if (this.timer) clearTimeout(this.timer);
    closeSync(this.reading);
    closeSync(this.descriptor);
  }

  private read(): number {
    try {
      return readSync(this.reading, this.buffer);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
      throw error;
    }
  }
}
