import type { DeploymentRowFragment, ReleaseRowFragment } from '../../generated/graphql.ts';

/** `web · improve/cart · release 7`. The repository is known as long as the run is kept. */
export function originOfRelease({ run, branch, number }: ReleaseRowFragment): string {
  return [run?.repository.name, branch, `release ${number}`].filter(Boolean).join(' · ');
}

/** Whether each of the typed words occurs in what is known of a release. */
export function matchesRelease(release: ReleaseRowFragment, typed: string): boolean {
  const { version, commitSha, commit } = release;
  const text = `${version} ${commitSha} ${commit?.subject ?? ''} ${commit?.authorName ?? ''} ${originOfRelease(release)}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}

/** Stands behind the version, and doesn’t repeat it. Of a deployment that went well the commit says more; of any other, what became of it. */
export function historyWords({
  state,
  message,
  release,
}: Pick<DeploymentRowFragment, 'state' | 'message'> & {
  release: Pick<DeploymentRowFragment['release'], 'version' | 'commit'>;
}): string | null {
  const subject = release.commit?.subject ?? null;
  if (state === 'SUCCEEDED' || !message) return subject;
  return message.startsWith(`${release.version} `) ? message.slice(release.version.length + 1) : message;
}
