import type { ReleaseRowFragment } from '../../generated/graphql.ts';

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
