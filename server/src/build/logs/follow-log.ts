import type { Changes } from '../../platform/changes.js';
import { notFound } from '../../platform/errors.js';
import type { BatchLimits, LogCursor } from './log-lines.js';
import type { LogStore } from './log-store.js';
import { isBefore } from './log-window.js';
import type { LogReader, LogView, OpenedLog } from './read-log.js';

const LIMITS: BatchLimits = { maxLines: 20_000, maxBytes: 256 * 1024 };

export type FollowLogDeps = { store: LogStore; reader: LogReader; changes: Changes };

/**
 * A log from a line on, live: what is there, then what comes, and a last batch with `complete`. The reader pulls, so
 * a slow one holds up nobody and nothing is kept for it: once it has fallen behind the tail, it reads sealed blocks. While the job has no attempt with
 * a log yet, the first batch is empty and the next one comes when it has.
 */
export function followLog(deps: FollowLogDeps, jobId: string, attemptId: string | null, fromLine: number): AsyncIterableIterator<LogView> {
  const stop = new AbortController();
  const views = follow(deps, jobId, attemptId, fromLine, stop.signal);
  return {
    [Symbol.asyncIterator]() {
      return this;
    },
    next: () => views.next(),
    /** Ends a pending `next` too, which a generator's own `return` would wait for. */
    return: () => {
      stop.abort();
      return views.return(undefined);
    },
  };
}

async function* follow(
  deps: FollowLogDeps,
  jobId: string,
  attemptId: string | null,
  fromLine: number,
  signal: AbortSignal,
): AsyncGenerator<LogView, undefined> {
  let isFirst = true;
  while (!signal.aborted) {
    const changed = watch(deps.changes, jobId, attemptId);
    try {
      const found = await find(deps, jobId, attemptId);
      if (found.opened) return yield* followOpened(deps.reader, found.opened, fromLine, signal);
      if (isFirst || found.over) yield emptyView(found.attemptId, found.over);
      if (found.over) return;
      isFirst = false;
      await changed.next(signal);
    } finally {
      changed.stop();
    }
  }
}

async function* followOpened(
  reader: LogReader,
  opened: OpenedLog,
  fromLine: number,
  signal: AbortSignal,
): AsyncGenerator<LogView, undefined> {
  const tail = opened.held?.tail ?? null;
  if (tail) tail.fanOut.readers += 1;
  try {
    let cursor: LogCursor = reader.startOf(opened, fromLine);
    for (let isFirst = true; !signal.aborted && !tail?.stopped; isFirst = false) {
      const version = tail?.version ?? 0;
      const view = await reader.read(opened, cursor, LIMITS);
      cursor = view.next;
      if (isFirst || view.complete || view.lineCount > 0) yield view;
      if (view.complete || (!tail && view.lineCount === 0)) return;
      if (tail && !isBefore(cursor, tail.window.end)) await tail.changed(version, signal);
    }
  } finally {
    if (tail) tail.fanOut.readers -= 1;
    opened.held?.release();
  }
}

type Found = { opened: OpenedLog | null; attemptId: string | null; over: boolean };

/** `over`: there is no log, and there never will be. */
async function find({ store, reader }: FollowLogDeps, jobId: string, attemptId: string | null): Promise<Found> {
  const newest = await store.newestAttempt(jobId);
  if (!newest) throw notFound('job', jobId);
  if (attemptId && !(await store.belongsTo(attemptId, jobId))) throw notFound('attempt', attemptId);
  const wanted = attemptId ?? newest.attemptId;
  const opened = wanted ? await reader.open(wanted) : null;
  return { opened, attemptId: wanted, over: newest.over || (attemptId !== null && attemptId !== newest.attemptId) };
}

export function emptyView(attemptId: string | null, complete: boolean): LogView {
  const next = { line: 0, bytes: 0 };
  const batch = { firstLine: 0, lineCount: 0, text: '', times: [], startsInsideLine: false, marks: [], next };
  return { ...batch, attemptId, complete, totalLines: 0 };
}

/** Watches from its making on, so that nothing between a read and the wait is missed. */
function watch(changes: Changes, jobId: string, attemptId: string | null) {
  let wake: () => void = () => {};
  const changed = new Promise<void>((resolve) => {
    wake = resolve;
  });
  const unwatch = [changes.watch('job', jobId, wake)];
  if (attemptId) unwatch.push(changes.watch('log', attemptId, wake));
  return {
    next: (signal: AbortSignal) => {
      signal.addEventListener('abort', wake, { once: true });
      return changed;
    },
    stop: () => {
      for (const stop of unwatch) stop();
    },
  };
}
