import { open, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runGit } from '../../../platform/git.js';
import { isAlive } from '../../../platform/process-name.js';
import { isZero, type JournalEntry, parseJournal } from './receive-journal.js';

export type SettledJournal = {
  /** In order, each `happened` or `aborted`. */
  entries: JournalEntry[];
  /** Where to read on. Smaller than the journal when git is still at work on what comes next. */
  nextOffset: number;
};

const journalOf = (gitDir: string): string => join(gitDir, 'slipway-journal');

export async function journalSize(gitDir: string): Promise<number> {
  return (await stat(journalOf(gitDir)).catch(() => null))?.size ?? 0;
}

/**
 * What has become of the ref updates from `offset` on. An update that git left without a mark is settled by the refs
 * themselves once that git is dead; while it lives, reading ends before it.
 */
export async function readSettledJournal(gitDir: string, offset: number): Promise<SettledJournal> {
  for (;;) {
    const bytes = await readFrom(gitDir, offset);
    const { entries, end } = parseJournal(bytes, offset);
    const firstUnknown = entries.findIndex((entry) => entry.outcome === 'unknown');
    if (firstUnknown === -1) return { entries, nextOffset: end };
    const unknown = entries.slice(firstUnknown).filter((entry) => entry.outcome === 'unknown');
    const alive = firstAlive(unknown);
    const settled = unknown.filter((entry) => !alive || entry.offset < alive.offset);
    await settleByRefs(gitDir, settled);
    // A later push writes its line before it changes the ref: if the journal is as it was, the ref just read was our update's doing.
    if ((await journalSize(gitDir)) > offset + bytes.length) continue;
    if (!alive) return { entries, nextOffset: end };
    return { entries: entries.filter((entry) => entry.offset < alive.offset), nextOffset: alive.offset };
  }
}

async function readFrom(gitDir: string, offset: number): Promise<Buffer> {
  const file = await open(journalOf(gitDir), 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return Buffer.alloc(0);
  try {
    const unread = Math.max(0, (await file.stat()).size - offset);
    const { bytesRead, buffer } = await file.read(Buffer.alloc(unread), 0, unread, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

function firstAlive(entries: readonly JournalEntry[]): JournalEntry | undefined {
  const alive = new Set([...new Set(entries.map((entry) => entry.process))].filter(isAlive));
  return entries.find((entry) => alive.has(entry.process));
}

async function settleByRefs(gitDir: string, entries: readonly JournalEntry[]): Promise<void> {
  if (entries.length === 0) return;
  for (const entry of entries) await removeLockOf(gitDir, entry);
  const now = await readRefs(
    gitDir,
    entries.map((entry) => entry.ref),
  );
  for (const entry of entries) {
    const sha = now.get(entry.ref);
    entry.outcome = (isZero(entry.newSha) ? sha === undefined : sha === entry.newSha) ? 'happened' : 'aborted';
  }
}

/** A git that was killed leaves its lock, and every later push to that ref would fail. Only a lock as old as the update is its. */
async function removeLockOf(gitDir: string, entry: JournalEntry): Promise<void> {
  const lock = join(gitDir, `${entry.ref}.lock`);
  const found = await stat(lock).catch(() => null);
  if (found && Math.floor(found.mtimeMs / 1000) <= entry.at.getTime() / 1000) await rm(lock, { force: true });
}

/** More of them are read with all others: a command line has an end, and a fetch that was killed may leave thousands. */
const MOST_NAMED = 50;
const MOST_REFS_BYTES = 256 * 1024 * 1024;

async function readRefs(gitDir: string, refs: readonly string[]): Promise<Map<string, string>> {
  const named = refs.length > MOST_NAMED ? ['refs/heads', 'refs/tags'] : refs;
  const lines = await runGit(['for-each-ref', '--format=%(objectname) %(refname)', ...named], { gitDir, maxBytes: MOST_REFS_BYTES });
  return new Map(lines.split('\n').map((line) => [line.slice(line.indexOf(' ') + 1), line.slice(0, line.indexOf(' '))]));
}
