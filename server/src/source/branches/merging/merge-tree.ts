import { endOf } from '@slipway/protocol';
import { GitFailed, spawnGit } from '../../../platform/git.js';

export type ConflictKind =
  | 'content'
  | 'add_add'
  | 'modify_delete'
  | 'rename_rename'
  | 'rename_delete'
  | 'rename_add'
  | 'file_directory'
  | 'binary'
  | 'submodule'
  | 'other';

/** A file that two branches changed in ways that can't both be kept. */
export type Conflict = { path: string; kind: ConflictKind; message: string };

export type TreeMerge = { clean: true; tree: string } | { clean: false; conflicts: Conflict[] };

export type Names = { ours: string; theirs: string };

const KINDS: Record<string, ConflictKind> = {
  content: 'content',
  'add/add': 'add_add',
  'modify/delete': 'modify_delete',
  'rename/rename': 'rename_rename',
  'rename/delete': 'rename_delete',
  'rename/add': 'rename_add',
  'rename involved in collision': 'rename_rename',
  'file/directory': 'file_directory',
  'directory/file': 'file_directory',
  binary: 'binary',
  submodule: 'submodule',
};
const TIMEOUT_MS = 60_000;
const MAX_BYTES = 8 * 1024 * 1024;
/** Nobody resolves more conflicts at once, or reads a longer list. */
const MAX_CONFLICTS = 1_000;

/**
 * What a merge of two commits would be, as a tree; moves no ref and needs no work tree. Objects are all that it writes.
 * @param env e.g. where objects go that are to be forgotten
 */
export async function mergeTrees(
  gitDir: string,
  ours: string,
  theirs: string,
  names: Names,
  env: Record<string, string> = {},
): Promise<TreeMerge> {
  const { code, output } = await run(gitDir, ['merge-tree', '--write-tree', '-z', ours, theirs], env);
  const [tree = '', ...fields] = output.split('\0');
  return code === 0 ? { clean: true, tree } : { clean: false, conflicts: readConflicts(fields, names) };
}

/**
 * Fields behind the tree: `<mode> <object> <stage>\t<path>` for each version of a file in conflict, an empty one, then messages,
 * each as number of paths, the paths, kind, text. Git's own format, see git-merge-tree(1).
 */
function readConflicts(fields: string[], names: Names): Conflict[] {
  const found = new Map<string, Conflict>();
  const named = new Set<string>();
  const messages = fields.indexOf('') + 1;
  for (let at = messages; at + 1 < fields.length; ) {
    const behindPaths = at + 1 + Number(fields[at]);
    const paths = fields.slice(at + 1, behindPaths);
    const [kind = '', text = ''] = fields.slice(behindPaths, behindPaths + 2);
    at = behindPaths + 2;
    if (!kind.startsWith('CONFLICT')) continue;
    for (const path of paths) named.add(path);
    const conflict = conflictOf(kind, text, paths, names);
    if (!found.has(conflict.path)) found.set(conflict.path, conflict);
  }
  for (const entry of fields.slice(0, messages - 1)) {
    const path = entry.slice(entry.indexOf('\t') + 1);
    if (!named.has(path)) found.set(path, { path, kind: 'other', message: `"${path}" can't be merged.` });
  }
  return [...found.values()].slice(0, MAX_CONFLICTS);
}

function conflictOf(kind: string, text: string, paths: string[], { ours, theirs }: Names): Conflict {
  const word = /^CONFLICT \(([^)]+)\)/.exec(text)?.[1] ?? /\(([^)]+)\)/.exec(kind)?.[1] ?? '';
  const known = KINDS[word] ?? KINDS[/\(([^)]+)\)/.exec(kind)?.[1] ?? ''] ?? (word.startsWith('submodule') ? 'submodule' : 'other');
  const [path = '', ...others] = paths;
  const named = others.length > 0 ? `"${path}" (${others.map((other) => `"${other}"`).join(', ')})` : `"${path}"`;
  return { path, kind: known, message: `${named} ${SENTENCES[known](ours, theirs)}` };
}

const SENTENCES: Record<ConflictKind, (ours: string, theirs: string) => string> = {
  content: (ours, theirs) => `was changed by "${ours}" and "${theirs}" in the same lines.`,
  add_add: (ours, theirs) => `was added by both "${ours}" and "${theirs}", with different content.`,
  modify_delete: (ours, theirs) => `was deleted in one of "${ours}" and "${theirs}", and changed in the other.`,
  rename_rename: (ours, theirs) => `was renamed by "${ours}" and "${theirs}" to different names, or two files were renamed to the same.`,
  rename_delete: (ours, theirs) => `was deleted in one of "${ours}" and "${theirs}", and renamed in the other.`,
  rename_add: (ours, theirs) => `was renamed in one of "${ours}" and "${theirs}" to a name that the other added.`,
  file_directory: (ours, theirs) => `is a file in one of "${ours}" and "${theirs}", and a folder in the other.`,
  binary: (ours, theirs) => `is binary and was changed by both "${ours}" and "${theirs}".`,
  submodule: (ours, theirs) => `is a submodule that "${ours}" and "${theirs}" moved to different commits.`,
  other: (ours, theirs) => `can't be merged from "${theirs}" into "${ours}".`,
};

/** Exit code 1 means that there are conflicts, which are listed on standard output; runGit would throw that away, so it can't be used. */
async function run(gitDir: string, args: string[], env: Record<string, string>): Promise<{ code: number; output: string }> {
  const child = spawnGit(args, { gitDir, env, timeoutMs: TIMEOUT_MS });
  child.stdin.end();
  let [output, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.length > MAX_BYTES) child.kill('SIGTERM');
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr = endOf(stderr + text, 4_000);
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  if (code === 0 || code === 1) return { code, output };
  throw new GitFailed('merge-tree', code, stderr);
}
