import { shorten } from '@slipway/protocol';
import { streamGit } from '../../../platform/git.js';
import { gitRecords } from '../../../platform/git-records.js';

export type NewCommit = {
  sha: string;
  parents: string[];
  authorName: string;
  authorEmail: string;
  authoredAt: Date;
  committedAt: Date;
  message: string;
};

/** A commit message beyond this is cut: the page shows messages, it doesn't keep books. */
const MAX_MESSAGE_CHARACTERS = 32 * 1024;
/** No name of a person or address is longer. */
const MAX_NAME_CHARACTERS = 320;
/** Names and parents of a commit, and its message, have no limit of Git's. */
const MAX_RECORD_CHARACTERS = 256 * 1024;
const FORMAT = '--format=%H%n%P%n%an%n%ae%n%at%n%ct%n%B';
const LOG_TIMEOUT_MS = 30 * 60_000;

/** What `readCommits` walks: from `tips` on, but nothing that `known` reaches; shas that the repository doesn't have are passed over. */
export type CommitWalk = { tips: readonly string[]; known?: readonly string[]; most?: number };

/** Commits newest first, as git prints them; a tag stands for its commit. Leaving the loop early ends the walk. */
export function readCommits(gitDir: string, { tips, known = [], most }: CommitWalk): AsyncGenerator<NewCommit, void> {
  const limit = most === undefined ? [] : [`--max-count=${most}`];
  return readLog(gitDir, limit, [...tips.map((sha) => `${sha}\n`), ...known.map((sha) => `^${sha}\n`)].join(''));
}

/** These commits and no others, in this order; those that the repository doesn't have are passed over. */
export async function commitsNamed(gitDir: string, shas: readonly string[]): Promise<NewCommit[]> {
  if (shas.length === 0) return [];
  return Array.fromAsync(readLog(gitDir, ['--no-walk=unsorted'], shas.map((sha) => `${sha}\n`).join('')));
}

async function* readLog(gitDir: string, options: string[], input: string): AsyncGenerator<NewCommit, void> {
  const args = ['log', '-z', '--no-show-signature', '--ignore-missing', '--no-decorate', FORMAT, ...options, '--stdin'];
  const output = streamGit(args, { gitDir, input, timeoutMs: LOG_TIMEOUT_MS, config: { 'i18n.logOutputEncoding': 'UTF-8' } });
  for await (const record of gitRecords(output, { end: '\0', most: MAX_RECORD_CHARACTERS })) yield parseCommit(record);
}

function parseCommit(record: string): NewCommit {
  const [sha = '', parents = '', authorName = '', authorEmail = '', authored = '', committed = '', ...message] = record.split('\n');
  return {
    sha: copyOf(sha),
    parents: parents.split(' ').filter(Boolean).map(copyOf),
    authorName: copyOf(shorten(authorName, MAX_NAME_CHARACTERS, '…')),
    authorEmail: copyOf(shorten(authorEmail, MAX_NAME_CHARACTERS, '…')),
    authoredAt: dateOf(authored),
    committedAt: dateOf(committed),
    message: copyOf(shorten(message.join('\n').trimEnd(), MAX_MESSAGE_CHARACTERS)),
  };
}

/** A part of a text keeps the whole of it in memory, here a record of any length for as long as one of its commit's words is kept. */
const copyOf = (part: string): string => Buffer.from(part).toString();

/** Year 9999: commits may claim any time, and Postgres and JavaScript each have an end. */
const LAST_SECOND = 253_402_300_799;

function dateOf(seconds: string): Date {
  const value = Number(seconds);
  return new Date(Number.isFinite(value) ? Math.min(Math.max(value, 0), LAST_SECOND) * 1000 : 0);
}
