import type { MirrorGlanceFragment, RepositorySettingsFragment } from '../../generated/graphql.ts';
import { formatSpan } from '../../ui/format.ts';

type RepositoryConnection = NonNullable<RepositorySettingsFragment['connection']>;

/** In a few words, why a host can't be fetched from; the whole sentence stands on the repository's page. */
const SHORTLY: Record<string, string> = {
  unreachable: 'host unreachable',
  timed_out: 'host too slow',
  tls: 'certificate not valid',
  access_denied: 'access denied',
  remote_not_found: 'not found at the host',
  not_a_repository: 'no repository at the address',
  redirect: 'the address has moved',
  address_refused: 'address not allowed',
  host_not_found: 'host not found',
  host_key_changed: 'host key changed',
  bad_objects: 'damaged history',
  emptied: 'no branch at the host any more',
  disk_full: 'the disk here is full',
};

export const shortReason = (code: string): string => SHORTLY[code] ?? code.replaceAll('_', ' ');

/** Whether fetching fails, also while it is just tried again. */
export const isStale = (mirror: MirrorGlanceFragment | null | undefined): mirror is MirrorGlanceFragment & { failingSince: string } =>
  mirror?.failingSince != null;

/** “Mirror stale for 12 min: host unreachable”; a new key that the host does not know yet is not a fault. */
export function staleTitle(mirror: MirrorGlanceFragment & { failingSince: string }, nowMs: number): string {
  const elapsed = formatSpan(nowMs - Date.parse(mirror.failingSince));
  const what = mirror.fetchedAt ? `Mirror stale for ${elapsed}` : `Not fetched yet, tried for ${elapsed}`;
  return mirror.error ? `${what}: ${shortReason(mirror.error.code)}` : what;
}

/** The host does not accept the key yet: somebody has to add it there. */
export const waitsForKey = ({ publicKey, fetchedAt, error }: RepositoryConnection): boolean =>
  Boolean(publicKey) && (!fetchedAt || error?.code === 'access_denied');
