import { DomainError } from '../../../platform/errors.js';
import { type NewCommit, readCommits } from './commit-log.js';

/**
 * Where a page of history begins: the commits that git would look at next, so that it need not begin at the branch again, and how many to
 * pass over from there. A page at commit 50,000 costs what the first one does.
 *
 * Only where more lines of history run side by side than a cursor should hold, the position stays where it was and `skip` grows
 * instead: such a page costs a walk over what it skips. Commits that claim to be older than their parents may be listed twice.
 */
export type Position = { shas: readonly string[]; skip: number };

export type FoundCommit = { commit: NewCommit; after: Position };
export type Walk = {
  found: FoundCommit[];
  /** Where to go on; null: history is at its end. */
  next: Position | null;
};

const MOST_SHAS = 50;
const MOST_SKIPPED = 1_000_000;
/** Commits that a page looks at for those that fit. */
const MOST_WALKED = 5_000;

/**
 * Commits newest first.
 * @param fits null: all do; else a page may come out shorter, or empty, before history ends
 */
export async function walkCommits(
  gitDir: string,
  from: Position,
  first: number,
  fits: ((commit: NewCommit) => boolean) | null,
): Promise<Walk> {
  const most = from.skip + (fits ? MOST_WALKED : first) + 1;
  const frontier = new Frontier(from);
  const found: FoundCommit[] = [];
  let last = from;
  for await (const commit of readCommits(gitDir, { tips: from.shas, most })) {
    if (found.length === first || frontier.walked === most - 1) return { found, next: last };
    frontier.pass(commit);
    if (frontier.walked <= from.skip) continue;
    last = frontier.position;
    if (!fits || fits(commit)) found.push({ commit, after: last });
  }
  return { found, next: null };
}

/** What git would look at next: parents of what it has shown, but for those that it has shown too. */
class Frontier {
  walked = 0;
  private readonly open: Set<string>;
  private readonly shown = new Set<string>();

  constructor(private readonly from: Position) {
    this.open = new Set(from.shas);
  }

  pass({ sha, parents }: NewCommit): void {
    this.walked++;
    this.shown.add(sha);
    this.open.delete(sha);
    for (const parent of parents) if (!this.shown.has(parent)) this.open.add(parent);
  }

  get position(): Position {
    return this.open.size > MOST_SHAS ? { shas: this.from.shas, skip: this.walked } : { shas: [...this.open], skip: 0 };
  }
}

export const positionKey = ({ shas, skip }: Position): string => `${skip} ${shas.join(' ')}`;

const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/;

/** @throws DomainError for what `positionKey` did not make: its words reach git */
export function positionOf(key: string): Position {
  const [skip, ...shas] = key.split(' ').filter((word) => word !== '');
  const count = Number(skip);
  if (Number.isInteger(count) && count >= 0 && count <= MOST_SKIPPED && shas.length <= MOST_SHAS && shas.every((sha) => SHA.test(sha)))
    return { shas, skip: count };
  throw new DomainError(
    'bad_input',
    'bad_cursor',
    'This is not a cursor of a history. Use one from pageInfo.endCursor, or leave `after` out.',
  );
}
