/** What a code host says about the repository that contains a pull request's head, and about the one that it is to be merged into. */
export type HeadSource = {
  /** The host's id of the repository; null: the host names none, because the fork is gone or we may not see it. */
  headId: number | string | null | undefined;
  baseId: number | string | null | undefined;
  /** Name of the head's repository. */
  name?: string | null | undefined;
  /** The owner of a fork that is gone, if the host still names it. */
  owner?: string | undefined;
  /** The branch, or what the host sends instead of one. */
  ref: string;
};

/**
 * The name of the fork that a pull request comes from; null for a pull request from the repository itself. A deleted fork still counts as a fork,
 * so its code is never trusted as the repository's own. The same is true of a head that is on no branch: with Gitea's "AGit", everybody who may
 * read a repository can push to refs/for/… in it.
 */
export function forkOf({ headId, baseId, name, owner, ref }: HeadSource): string | null {
  const isOwn = headId != null && headId === baseId && !ref.startsWith('refs/');
  return isOwn ? null : name || (owner ? `a deleted fork of ${owner}` : 'a deleted fork');
}
