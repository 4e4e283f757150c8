import { withoutSkipMarks } from '../../../build/pipelines/skip-mark.js';
import type { Database } from '../../../platform/database.js';
import { DomainError } from '../../../platform/errors.js';
import { runGit } from '../../../platform/git.js';

export type MergeCommit = {
  tree: string;
  /** Two for a merge commit, the target's for a squash. */
  parents: readonly string[];
  message: string;
  /** User who merges. */
  userId: string;
};

/** The author of a merge is the person who asked for it; the committer shows that Slipway made it. */
const COMMITTER = { GIT_COMMITTER_NAME: 'Slipway', GIT_COMMITTER_EMAIL: 'slipway@localhost' };

/** Writes the object; no ref names it yet. @returns its sha */
export async function commitMerge(db: Database, gitDir: string, { tree, parents, message, userId }: MergeCommit): Promise<string> {
  const [user] = await db.query<{ name: string; email: string }>('select name, email from users where id = $1', [userId]);
  const env = {
    ...COMMITTER,
    GIT_AUTHOR_NAME: printable(user?.name) || 'Somebody',
    GIT_AUTHOR_EMAIL: printable(user?.email) || 'nobody@localhost',
  };
  const args = ['commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-F', '-'];
  return (await runGit(args, { gitDir, env, input: message, config: { 'i18n.commitEncoding': 'UTF-8' } })).trim();
}

/** Git takes a name apart at these. */
const printable = (text = ''): string => text.replace(/[<>\p{Cc}]/gu, ' ').trim();

const MAX_MESSAGE_CHARACTERS = 32 * 1024;

/** @throws DomainError */
export function checkMessage(message: string | null): void {
  if (message === null || (message.trim() !== '' && message.length <= MAX_MESSAGE_CHARACTERS && !message.includes('\0'))) return;
  throw new DomainError(
    'bad_input',
    'bad_message',
    `The message of a commit has 1 to ${MAX_MESSAGE_CHARACTERS} characters. Leave it out, and Slipway writes one.`,
  );
}

const MAX_LISTED = 50;

/** Where people give none: what was merged, and for a squash the subjects of what it replaces, oldest first. Never does it ask for no run. */
export async function usualMessage(
  gitDir: string,
  strategy: 'merge_commit' | 'squash',
  { source, target, sourceSha, targetSha }: { source: string; target: string; sourceSha: string; targetSha: string },
): Promise<string> {
  if (strategy === 'merge_commit') return `Merge "${source}" into "${target}"`;
  const format = ['--format=%s', '--no-merges', `--max-count=${MAX_LISTED}`, sourceSha, `^${targetSha}`, '--'];
  const subjects = (await runGit(['log', ...format], { gitDir, config: { 'i18n.logOutputEncoding': 'UTF-8' } }))
    .split('\n')
    .filter(Boolean);
  if (subjects.length === 1) return withoutSkipMarks(subjects[0] ?? '');
  const lines = [`Squash "${source}" into "${target}"`, '', ...subjects.toReversed().map((subject) => `- ${subject}`)];
  return withoutSkipMarks(lines.join('\n'));
}
