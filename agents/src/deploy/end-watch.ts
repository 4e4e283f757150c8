import type { ProcessId } from '../sandbox/process-tree.js';

/** A look is a system call that takes about a microsecond. */
const LOOK_MS = 10;

/** Reports when processes have ended that are not children of this one, so that no event announces their end. */
export class EndWatch implements Disposable {
  private readonly watched = new Map<number, () => void>();
  private readonly timer = setInterval(() => this.look(), LOOK_MS).unref();

  /** @param onEnd called once, soon after the end. */
  watch({ pid }: ProcessId, onEnd: () => void): void {
    this.watched.set(pid, onEnd);
  }

  [Symbol.dispose](): void {
    clearInterval(this.timer);
  }

  private look(): void {
    for (const [pid, onEnd] of this.watched) {
      if (isThere(pid)) continue;
      this.watched.delete(pid);
      onEnd();
    }
  }
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // another user's, which may not be signalled
  }
}
