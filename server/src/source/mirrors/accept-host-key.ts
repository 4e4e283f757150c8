import { DomainError } from '../../platform/errors.js';
import type { ConnectDeps } from './add-repository.js';
import { notExternal, note } from './change-connection.js';
import { fingerprintsOf } from './ssh-keys.js';

/**
 * Pins the key that an ssh host shows now, if it is the one that somebody has compared.
 * @param fingerprint SHA256:…
 */
export async function acceptHostKey(deps: ConnectDeps, repositoryId: string, fingerprint: string, userId: string): Promise<void> {
  const mirror = await deps.mirrors.find(repositoryId);
  if (!mirror) throw notExternal();
  const { hostKeys, problem } = await deps.git.hostKeys({ ...mirror.connection, hostKeys: null });
  if (hostKeys === null) throw problem ?? noKeys();
  const shown = fingerprintsOf(hostKeys);
  if (!shown.some((each) => each.split(' ')[1] === fingerprint.trim())) throw otherKey(shown);
  await deps.db.transaction(async (tx) => {
    await tx.query('update mirrors set ssh_host_keys = $2 where repository_id = $1', [repositoryId, hostKeys]);
    await note(tx, repositoryId, 'host_key_accepted', userId, { fingerprint });
    await deps.ports.requestFetch(tx, repositoryId);
    tx.changed('repository', repositoryId);
  });
}

const noKeys = () => new DomainError('bad_input', 'no_host_key', 'Only hosts that are reached over ssh have a host key.');

const otherKey = (shown: readonly string[]) =>
  new DomainError(
    'conflict',
    'host_key_other',
    `The host shows a different key from the one to accept: ${shown.join(', ')}. Compare it with the fingerprint that the host publishes.`,
  );
