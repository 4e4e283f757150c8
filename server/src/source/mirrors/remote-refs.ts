import { setImmediate as othersTurn } from 'node:timers/promises';
import type { RefChange } from './ports.js';

/** Branches and tags by their full name. */
export type Refs = Map<string, string>;

/** What a host has. `leftOut`: branches and tags whose names can't be kept here, how many and one of them; null: there are none. */
export type Listing = { refs: Refs; head: string | null; leftOut: { count: number; example: string } | null };

const ZERO = '0'.repeat(40);
const MAX_REF_BYTES = 1_000;
const MIRRORED = /^refs\/(heads|tags)\/./;
const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;
/** What `git check-ref-format` refuses, characters that could not be decoded, and the blank, which ends a name in the journal. */
const BAD_NAME = /[\p{Cc}\uFFFD ~^:?*[\\]|\.\.|@\{|\/\/|\/$|\.$|(^|\/)\.|\.lock(\/|$)/u;

/** Some milliseconds' worth. */
const LINES_AT_ONCE = 5_000;

/**
 * Lines `<sha>\t<ref>` of ls-remote, and `ref: <branch>\tHEAD`. A host may say anything: what is no proper name of a branch or tag is left out.
 * There may be millions of lines, and between some thousands others have their turn.
 */
export async function parseListing(output: string): Promise<Listing> {
  const refs: Refs = new Map();
  let head: string | null = null;
  const leftOut = { count: 0, example: '' };
  let lines = 0;
  for (let start = 0; start < output.length; ) {
    const newline = output.indexOf('\n', start);
    const end = newline === -1 ? output.length : newline;
    const [sha = '', ref = ''] = output.slice(start, end).split('\t', 2);
    if (SHA.test(sha) && isRefName(ref)) refs.set(ref, sha);
    else if (SHA.test(sha) && MIRRORED.test(ref) && !isPeeled(ref)) {
      leftOut.count++;
      leftOut.example ||= ref;
    }
    if (ref === 'HEAD') head ??= branchIn(sha);
    start = end + 1;
    if (++lines % LINES_AT_ONCE === 0) await othersTurn();
  }
  return { refs, head, leftOut: leftOut.count > 0 ? leftOut : null };
}

/** What the tag named before it stands for. */
const isPeeled = (ref: string): boolean => ref.endsWith('^{}');

function branchIn(symref: string): string | null {
  const [, branch] = /^ref: refs\/heads\/(.+)$/.exec(symref) ?? [];
  return branch && isRefName(`refs/heads/${branch}`) ? branch : null;
}

/** Whether the text is the full name of a branch or tag that is kept here. */
export function isRefName(ref: string): boolean {
  return MIRRORED.test(ref) && !isPeeled(ref) && !BAD_NAME.test(ref) && Buffer.byteLength(ref) <= MAX_REF_BYTES;
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
  const gone = changes.filter(isDeletion).map(({ ref }) => ref);
  const rest = changes.filter((change) => !isDeletion(change));
  const made = rest.map(({ ref }) => ref);
  const inTheWay = someIsFolderOf(gone, made) || someIsFolderOf(made, gone);
  if (!inTheWay) return changes.length > 0 ? [[...changes]] : [];
  return [changes.filter(isDeletion), rest];
}

/** Whether one of `folders` is a folder of one of `refs`, as a is of a/b/c. */
function someIsFolderOf(folders: readonly string[], refs: readonly string[]): boolean {
  const sorted = refs.toSorted();
  return folders.some((folder) => sorted[firstFrom(sorted, `${folder}/`)]?.startsWith(`${folder}/`));
}

/** Index of the first that is not smaller. */
function firstFrom(sorted: readonly string[], text: string): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] as string) < text) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** Input of `git update-ref --stdin`: each ref only from the sha that it has here. */
export function updateRefInput(changes: readonly RefChange[]): string {
  const lines = changes.map((change) => {
    if (isDeletion(change)) return `delete ${change.ref} ${change.oldSha}`;
    return change.oldSha === ZERO ? `create ${change.ref} ${change.newSha}` : `update ${change.ref} ${change.newSha} ${change.oldSha}`;
  });
  return `start\n${lines.join('\n')}\nprepare\ncommit\n`;
}
