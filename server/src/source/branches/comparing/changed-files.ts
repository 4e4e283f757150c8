import { GitFailed, runGit, streamGit } from '../../../platform/git.js';
import { gitRecords } from '../../../platform/git-records.js';

export type FileStatus = 'added' | 'modified' | 'deleted' | 'renamed' | 'copied' | 'type_changed';
export type FileChange = {
  path: string;
  /** Of a file that was renamed or copied: where it was. */
  oldPath: string | null;
  status: FileStatus;
  /** Lines; null: the file is binary, or too big to count. */
  additions: number | null;
  deletions: number | null;
  isBinary: boolean;
};
type Listed = Pick<FileChange, 'path' | 'oldPath' | 'status'>;

const STATUS: Record<string, FileStatus> = { A: 'added', M: 'modified', D: 'deleted', R: 'renamed', C: 'copied', T: 'type_changed' };
/** Nothing of the repository's attributes runs a program; renames are looked for among so many files, as beyond it takes minutes. */
const DIFF = ['diff-tree', '-r', '-M', '-l1000', '--no-ext-diff', '--no-textconv'];
const TIMEOUT_MS = 20_000;
export const MAX_FILES = 3_000;
/** Linux has no longer path, so nobody can check such a file out. */
export const MAX_PATH_CHARACTERS = 4_096;
/** Of all arguments of one process; the system takes 2 MiB as a rule. */
const MAX_ARGUMENT_BYTES = 1024 * 1024;

/** Which files differ between two trees, at most {@link MAX_FILES}. */
export async function changedFiles(gitDir: string, from: string, to: string): Promise<{ files: Listed[]; truncated: boolean }> {
  const files: Listed[] = [];
  const fields = gitRecords(streamGit([...DIFF, '--raw', '-z', from, to, '--'], { gitDir, timeoutMs: TIMEOUT_MS }), {
    end: '\0',
    most: MAX_PATH_CHARACTERS,
  });
  for await (const header of fields) {
    const status = header.split(' ')[4]?.[0] ?? '';
    const first = await next(fields);
    const second = status === 'R' || status === 'C' ? await next(fields) : null;
    if (files.length === MAX_FILES) return { files, truncated: true };
    files.push({ path: second ?? first, oldPath: second === null ? null : first, status: STATUS[status] ?? 'modified' });
  }
  return { files, truncated: false };
}

/** With the number of lines of each. Only for a page of them: every file is read. */
export async function withLineCounts(gitDir: string, from: string, to: string, files: readonly Listed[]): Promise<FileChange[]> {
  const counts = files.length === 0 ? new Map<string, Counts>() : await lineCounts(gitDir, from, to, files);
  return files.map((file) => ({ ...file, ...(counts.get(file.path) ?? UNKNOWN) }));
}

type Counts = Pick<FileChange, 'additions' | 'deletions' | 'isBinary'>;
const UNKNOWN: Counts = { additions: null, deletions: null, isBinary: false };

async function lineCounts(gitDir: string, from: string, to: string, files: readonly Listed[]): Promise<Map<string, Counts>> {
  const counts = new Map<string, Counts>();
  const paths = [...new Set(files.flatMap(({ path, oldPath }) => (oldPath === null ? [path] : [oldPath, path])))];
  if (Buffer.byteLength(paths.join(' ')) > MAX_ARGUMENT_BYTES) return counts;
  const output = await runGit(['--literal-pathspecs', ...DIFF, '--numstat', '-z', from, to, '--', ...paths], {
    gitDir,
    timeoutMs: TIMEOUT_MS,
  }).catch((error) => {
    // Killed because it took too long: the list is useful without the numbers.
    if (error instanceof GitFailed && error.exitCode === null) return '';
    throw error;
  });
  const fields = output.split('\0');
  for (let at = 0; at + 1 < fields.length; at++) {
    const [added = '', deleted = '', ...path] = (fields[at] ?? '').split('\t');
    // For a renamed file both names follow, the new one last.
    if (path.join('\t') === '') at += 2;
    const name = path.join('\t') || fields[at] || '';
    counts.set(
      name,
      added === '-' ? { ...UNKNOWN, isBinary: true } : { additions: Number(added), deletions: Number(deleted), isBinary: false },
    );
  }
  return counts;
}

async function next(fields: AsyncGenerator<string, void>): Promise<string> {
  const { value } = await fields.next();
  if (value === undefined) throw new Error('git diff-tree ended in the middle of an entry.');
  return value;
}
