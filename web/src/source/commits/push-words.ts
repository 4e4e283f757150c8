import type { PushRowFragment } from '../../generated/graphql.ts';

/** `refs/heads/main` as people say it. */
export function refOf(ref: string): { name: string; isTag: boolean } {
  return { name: ref.replace(/^refs\/(heads|tags)\//, ''), isTag: ref.startsWith('refs/tags/') };
}

/** What happened to the branch or tag: created, deleted, moved by so many commits. */
export function pushWords(push: Pick<PushRowFragment, 'oldSha' | 'newSha' | 'commits' | 'cause'>): string {
  if (/^0+$/.test(push.newSha)) return 'deleted';
  const commits = push.commits === 0 ? '' : push.commits === 1 ? '1 commit' : `${push.commits} commits`;
  if (push.cause === 'IMPORT') return 'imported';
  if (/^0+$/.test(push.oldSha)) return commits ? `created with ${commits}` : 'created';
  return commits || 'moved';
}

export function whoPushed(push: Pick<PushRowFragment, 'cause' | 'pushedBy'>): string {
  if (push.cause === 'IMPORT') return 'when it was added';
  if (push.cause === 'FETCH') return 'seen at the host';
  return push.pushedBy?.name ?? 'Slipway';
}
