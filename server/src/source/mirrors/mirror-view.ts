import type { MirrorView } from './mirror.queries.js';
import type { HostConnectionType } from './mirror.type.js';
import { fingerprintsOf } from './ssh-keys.js';

const FINGERPRINT = /SHA256:[A-Za-z0-9+/]+/;

/** A mirror as it is shown to people. */
export function connectionOf(mirror: MirrorView): HostConnectionType {
  const { errorCode, errorMessage, pollEveryMs } = mirror;
  return {
    ...mirror,
    state: stateOf(mirror),
    error: errorCode === null ? null : { code: errorCode, message: errorMessage ?? '' },
    pollEverySeconds: pollEveryMs === null ? null : pollEveryMs / 1000,
    hostKeyFingerprints: fingerprintsOf(mirror.hostKeys ?? ''),
    offeredHostKey: errorCode === 'host_key_changed' ? (FINGERPRINT.exec(errorMessage ?? '')?.[0] ?? null) : null,
  };
}

function stateOf({ fetching, failingSince }: MirrorView): HostConnectionType['state'] {
  if (fetching) return 'fetching';
  return failingSince === null ? 'fresh' : 'stale';
}
