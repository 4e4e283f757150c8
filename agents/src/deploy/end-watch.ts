import type { ProcessId } from '../sandbox/process-tree.js';

/** A look takes a microsecond for each process. Waking up for it takes a hundred times as long, so all watches look together. */
const LOOK_MS = 25;

/** Those that watch a process, and the timer that they share while there are any. */
const watches = new Set<EndWatch>();
let timer: NodeJS.Timeout | undefined;

/** Reports when processes have ended that are not children of this one, so that no event announces their end. */
export class EndWatch implements Disposable {
  private readonly watched = new Map<number, () => void>();

  /** @param onEnd called once, soon after the end. */
  watch({ pid }: ProcessId, onEnd: () => void): void {
    this.watched.set(pid, onEnd);
    watches.add(this);
    timer ??= setInterval(() => lookAll(), LOOK_MS).unref();
  }

  look(): void {
    for (const [pid, onEnd] of this.watched) {
      if (isThere(pid)) continue;
      this.watched.delete(pid);
      onEnd();
    }
  }

  [Symbol.dispose](): void {
    watches.delete(this);
    if (watches.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  }
}

function lookAll(): void {
  for (const watch of watches) watch.look();
}

function isThere(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH'; // another user's, which may not be signalled
  }
}
