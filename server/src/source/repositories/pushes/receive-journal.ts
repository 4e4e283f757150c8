/**
 * The receive journal of a hosted repository: `<repository>.git/slipway-journal`, written by hooks/reference-transaction
 * around each change of refs (format there). It is the truth about pushes: an update of a branch is in the journal, synced,
 * before git makes it, so that no death of the server, of git or of both can lose a push or count one twice.
 */

/** push: somebody's · fetch: seen at the code host · import: already there when the repository was added. */
export type PushCause = 'push' | 'fetch' | 'import';

/** One line `P`: a ref that git was about to change. */
export type RefUpdate = {
  /** Byte offset of the line in the journal; names the push for ever. */
  offset: number;
  /** Byte offset behind the line. */
  end: number;
  process: string;
  at: Date;
  /** User id, null for Slipway itself. */
  pusher: string | null;
  cause: PushCause;
  /** Pushed with `-o ci.skip`. */
  skip: boolean;
  ref: string;
  oldSha: string;
  newSha: string;
};

/** `unknown`: git left no mark: it is still at work, or was killed. */
export type JournalEntry = RefUpdate & { outcome: 'happened' | 'aborted' | 'unknown' };

export type Journal = {
  entries: JournalEntry[];
  /** Byte offset behind the last whole line. */
  end: number;
};

/** @param start byte offset at which `bytes` begin; always the beginning of a line */
export function parseJournal(bytes: Buffer, start: number): Journal {
  const entries: JournalEntry[] = [];
  const open = new Map<string, JournalEntry[]>();
  let at = 0;
  for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, at)) {
    const [kind, ...fields] = bytes.toString('utf8', at, end).split(' ');
    if (kind === 'P') {
      const entry = parseUpdate(fields, start + at, start + end + 1);
      if (entry) {
        entries.push(entry);
        const ofProcess = open.get(entry.process);
        if (ofProcess) ofProcess.push(entry);
        else open.set(entry.process, [entry]);
      }
    } else if ((kind === 'C' || kind === 'A') && fields[0]) {
      for (const entry of open.get(fields[0]) ?? []) entry.outcome = kind === 'C' ? 'happened' : 'aborted';
      open.delete(fields[0]);
    }
    at = end + 1;
  }
  settleByNextUpdate(entries);
  return { entries, end: start + at };
}

const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
const USER = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** @returns undefined for half a line that a power cut left; git had not changed anything when it was written */
function parseUpdate(
  [process, seconds, pusher, oldSha, newSha, ref, option]: string[],
  offset: number,
  end: number,
): JournalEntry | undefined {
  if (!process || !seconds || !pusher || !ref || !SHA.test(oldSha ?? '') || !SHA.test(newSha ?? '')) return undefined;
  const at = new Date(Number(seconds) * 1000);
  return {
    offset,
    end,
    process,
    at,
    pusher: USER.test(pusher) ? pusher : null,
    cause: pusher === 'fetch' || pusher === 'import' ? pusher : 'push',
    skip: option === 'skip',
    ref,
    oldSha: oldSha ?? '',
    newSha: newSha ?? '',
    outcome: 'unknown',
  };
}

/**
 * Git checks the old value of a ref under its lock before the next line for that ref is written. So that line says
 * whether an update without a mark before it has happened.
 */
function settleByNextUpdate(entries: JournalEntry[]): void {
  const next = new Map<string, JournalEntry>();
  for (const entry of entries.toReversed()) {
    const later = next.get(entry.ref);
    if (entry.outcome === 'unknown' && later) entry.outcome = later.oldSha === entry.newSha ? 'happened' : 'aborted';
    next.set(entry.ref, entry);
  }
}

export const isZero = (sha: string): boolean => /^0+$/.test(sha);
export const branchOf = (ref: string): string | null => (ref.startsWith('refs/heads/') ? ref.slice('refs/heads/'.length) : null);
export const tagOf = (ref: string): string | null => (ref.startsWith('refs/tags/') ? ref.slice('refs/tags/'.length) : null);
