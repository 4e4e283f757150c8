import { text } from 'node:stream/consumers';
import { GitFailed, runGit, spawnGit } from '../../platform/git.js';

export type MergeOf = { number: number; headSha: string; sourceBranch: string; baseSha: string; baseBranch: string };

export type Merge =
  | { state: 'clean'; mergeSha: string }
  /** Files that both sides changed; empty when they have no history in common. */
  | { state: 'conflict'; files: string[] };

export const headRef = (number: number): string => `refs/slipway/pulls/${number}/head`;
const mergeRef = (number: number): string => `refs/slipway/pulls/${number}/merge`;

const WHO = 'Slipway';
const EMAIL = 'slipway@localhost';
const TIMEOUT_MS = 120_000;
/** More names are of no help. */
const MAX_FILES = 100;
/** `git merge-tree` says with it that there are conflicts; others are failures. */
const CONFLICTS = 1;

/**
 * The head merged into the tip of the base, in a bare repository, kept in a ref that no client sees. The same two commits make the same
 * merge: author, dates and message follow from them alone. Both commits must be there.
 */
export async function makeMerge(gitDir: string, of: MergeOf): Promise<Merge> {
  if (!(await haveCommonHistory(gitDir, of))) return { state: 'conflict', files: [] };
  const merged = await mergeTrees(gitDir, of);
  if ('files' in merged) return { state: 'conflict', files: merged.files };
  const mergeSha = await commitMerge(gitDir, of, merged.tree);
  await runGit(['update-ref', mergeRef(of.number), mergeSha], { gitDir });
  return { state: 'clean', mergeSha };
}

async function haveCommonHistory(gitDir: string, { headSha, baseSha }: MergeOf): Promise<boolean> {
  return (await exitCode(gitDir, ['merge-base', baseSha, headSha])).code === 0;
}

async function mergeTrees(gitDir: string, { headSha, baseSha }: MergeOf): Promise<{ tree: string } | { files: string[] }> {
  const args = ['merge-tree', '--write-tree', '--name-only', '--no-messages', '-z', baseSha, headSha];
  const { code, stdout, stderr } = await exitCode(gitDir, args);
  const [tree = '', ...files] = stdout.split('\0').filter(Boolean);
  if (code === 0) return { tree };
  if (code === CONFLICTS) return { files: files.slice(0, MAX_FILES) };
  throw new GitFailed('merge-tree', code, stderr);
}

async function commitMerge(gitDir: string, of: MergeOf, tree: string): Promise<string> {
  const date = `${await newestDate(gitDir, of)} +0000`;
  const env = {
    GIT_AUTHOR_NAME: WHO,
    GIT_AUTHOR_EMAIL: EMAIL,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_NAME: WHO,
    GIT_COMMITTER_EMAIL: EMAIL,
    GIT_COMMITTER_DATE: date,
  };
  const input = `Merge pull request #${of.number} (${of.sourceBranch}) into ${of.baseBranch}\n`;
  return (await runGit(['commit-tree', tree, '-p', of.baseSha, '-p', of.headSha], { gitDir, env, input })).trim();
}

/** Seconds since 1970. */
async function newestDate(gitDir: string, { headSha, baseSha }: MergeOf): Promise<number> {
  const dates = await runGit(['show', '-s', '--format=%ct', baseSha, headSha], { gitDir });
  return Math.max(...dates.trim().split('\n').map(Number));
}

/** For commands whose exit code is an answer. */
async function exitCode(gitDir: string, args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawnGit(args, { gitDir, timeoutMs: TIMEOUT_MS });
  child.stdin.end();
  const ended = new Promise<number | null>((resolve, reject) => child.once('error', reject).once('close', resolve));
  const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  return { code, stdout, stderr };
}
