import { execFile } from 'node:child_process';
import { closeSync, constants, openSync, readSync } from 'node:fs';
import { rm, stat } from 'node:fs/promises';
import { promisify } from 'node:util';

/** Between two looks. Each is a system call or two; the pipe holds some 1,000 lines, which is what comes meanwhile at 100,000 requests a second. */
const BUSY_LOOK_MS = 10;
const IDLE_LOOK_MS = 50;
/** After so many looks at an empty pipe it is idle. */
const IDLE_AFTER_LOOKS = 20;
/** A line is far shorter; what comes without an end is no line. */
const MAX_LINE = 16_384;

/**
 * The named pipe through which HAProxy tells of each request. Its descriptors read and write, so neither side ends it for the other, and what
 * was written while no router ran is read by the next. It is looked into now and then: to be woken for each line would cost more than the lines.
 */
export class TrafficPipe {
  private readonly buffer = Buffer.alloc(65_536);
  private rest = '';
  private emptyLooks = 0;
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
    this.timer = setTimeout(
      () => {
        this.emptyLooks = this.takeAll() ? 0 : this.emptyLooks + 1;
        this.begin();
      },
      this.emptyLooks < IDLE_AFTER_LOOKS ? BUSY_LOOK_MS : IDLE_LOOK_MS,
    );
  }

  /** Everything that was written before. @returns whether there was anything */
  takeAll(): boolean {
    let any = false;
    for (let read = this.read(); read > 0; read = this.read()) {
      any = true;
      const lines = (this.rest + this.buffer.toString('latin1', 0, read)).split('\n');
      this.rest = lines.pop() ?? '';
      if (this.rest.length > MAX_LINE) this.rest = '';
      this.onLines(lines);
    }
    return any;
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
