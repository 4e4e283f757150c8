import type { RefChange } from './ports.js';

/** Branches and tags by their full name. */
export type Refs = Map<string, string>;

const ZERO = '0'.repeat(40);
const MAX_REF_BYTES = 1_000;
const MIRRORED = /^refs\/(heads|tags)\/./;
const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
/** What `git check-ref-format` refuses, characters that could not be decoded, and blanks, which end a name in the journal. */
const BAD_NAME = /[\p{Cc}\uFFFD\s~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|(^|\/)\.|\.lock(\/|$)/u;

/** Lines `<sha>\t<ref>` of ls-remote. A host may say anything: what is no proper name of a branch or tag is left out. */
export function parseRefs(output: string): Refs {
  const refs: Refs = new Map();
  for (const line of output.split('\n')) {
    const [sha = '', ref = ''] = line.split('\t');
    if (SHA.test(sha) && isRefName(ref)) refs.set(ref, sha);
  }
  return refs;
}

/** Whether the text is the full name of a branch or tag that is kept here. */
export function isRefName(ref: string): boolean {
  return MIRRORED.test(ref) && !ref.endsWith('^{}') && !BAD_NAME.test(ref) && Buffer.byteLength(ref) <= MAX_REF_BYTES;
}

/** The branch that HEAD names, of `ls-remote --symref`; null where it names none. */
export function parseHead(output: string): string | null {
  const found = /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(output)?.[1];
  return found && isRefName(`refs/heads/${found}`) ? found : null;
}

/** What has to move here to be as it is there. */
export function changesBetween(here: Refs, there: Refs): RefChange[] {
  const changes: RefChange[] = [];
  for (const [ref, newSha] of there) {
    const oldSha = here.get(ref) ?? ZERO;
    if (oldSha !== newSha) changes.push({ ref, oldSha, newSha });
  }
  for (const [ref, oldSha] of here) if (!there.has(ref)) changes.push({ ref, oldSha, newSha: ZERO });
  return changes;
}

export const isDeletion = ({ newSha }: RefChange): boolean => newSha === ZERO;

/**
 * All in one transaction, or deletions in one of their own before the rest: Git can't put `a/b` in the place of `a`
 * within one.
 */
export function inTransactions(changes: readonly RefChange[]): RefChange[][] {
  const gone = new Set(changes.filter(isDeletion).map(({ ref }) => ref));
  const rest = changes.filter((change) => !isDeletion(change));
  const inTheWay = rest.some(({ ref }) => foldersOf(ref).some((folder) => gone.has(folder))) || hasFolderAmong(gone, rest);
  if (!inTheWay) return changes.length > 0 ? [[...changes]] : [];
  return [changes.filter(isDeletion), rest];
}

function hasFolderAmong(gone: ReadonlySet<string>, rest: readonly RefChange[]): boolean {
  const made = new Set(rest.map(({ ref }) => ref));
  return [...gone].some((ref) => foldersOf(ref).some((folder) => made.has(folder)));
}

/** Of a/b/c: a and a/b. */
function foldersOf(ref: string): string[] {
  const parts = ref.split('/');
  return parts.slice(1).map((_, n) => parts.slice(0, n + 1).join('/'));
}

/** Input of `git update-ref --stdin`: each ref only from the sha that it has here. */
export function updateRefInput(changes: readonly RefChange[]): string {
  const lines = changes.map((change) => {
    if (isDeletion(change)) return `delete ${change.ref} ${change.oldSha}`;
    return change.oldSha === ZERO ? `create ${change.ref} ${change.newSha}` : `update ${change.ref} ${change.newSha} ${change.oldSha}`;
  });
  return `start\n${lines.join('\n')}\nprepare\ncommit\n`;
}
