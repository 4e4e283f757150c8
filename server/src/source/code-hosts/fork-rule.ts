/** What a code host tells of the repository that holds a pull request's head, beside the one that it is to be merged into. */
export type HeadSource = {
  /** Whatever the host tells repositories apart by; null: it names none, as the fork is gone or not for us to see. */
  headId: number | string | null | undefined;
  baseId: number | string | null | undefined;
  /** Name of the head's repository. */
  name?: string | null | undefined;
  /** Whose it was, where the host still says so of a fork that is gone. */
  owner?: string | undefined;
  /** Branch, or what the host gives in its place. */
  ref: string;
};

/**
 * The name of the fork that a pull request comes from; null for one of the repository itself. A fork that is gone stays a fork: never is its
 * code taken for the repository's own. Nor is what no branch holds: with Gitea's "AGit" whoever may read a repository pushes to refs/for/… in it.
 */
export function forkOf({ headId, baseId, name, owner, ref }: HeadSource): string | null {
  const isOwn = headId != null && headId === baseId && !ref.startsWith('refs/');
  return isOwn ? null : name || (owner ? `a deleted fork of ${owner}` : 'a deleted fork');
}
