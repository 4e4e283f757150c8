const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/** The server answers, but no longer has this file: it was upgraded since the page was loaded. */
export class PartGone extends Error {
  constructor(cause: unknown) {
    super('A part of the page is gone: the server was upgraded. Load the page again.', { cause });
  }
}

type Listener = (waiting: boolean) => void;
const listeners = new Set<Listener>();
let waiting = 0;

/** Called when the page begins to wait for a file because the server is away, and when it waits for none any more. Call the answer to stop. */
export function onPartsAwaited(listener: Listener): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/**
 * Loads a part of the page that is a file of its own. While the server is away it waits, and tries again when it answers; what was
 * to be shown appears then by itself.
 *
 * @throws PartGone, and whatever the part itself throws
 */
export async function loadPart<T>(load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (error) {
    if (!isUnloaded(error)) throw error;
    await serverAnswers();
    return load().catch((again: unknown) => {
      throw isUnloaded(again) ? new PartGone(again) : again;
    });
  }
}

/** Browsers have no name for it: Chromium, Firefox and Safari, in this order. */
const isUnloaded = (error: unknown): boolean =>
  error instanceof TypeError &&
  /fetch dynamically imported module|loading dynamically imported module|importing a module script failed/i.test(error.message);

async function serverAnswers(): Promise<void> {
  let waitMs = 0;
  while (!(await answers())) {
    if (waitMs === 0) wait(1);
    waitMs = Math.min(LONGEST_WAIT_MS, waitMs * 2 || FIRST_WAIT_MS);
    await pause(waitMs);
  }
  if (waitMs > 0) wait(-1);
}

async function answers(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok;
  } catch {
    return false;
  }
}

function wait(change: 1 | -1): void {
  waiting += change;
  for (const listener of listeners) listener(waiting > 0);
}

/** Ends early when the network is back. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener('online', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener('online', done);
  });
}
