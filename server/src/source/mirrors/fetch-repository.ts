import type { ConnectDeps } from './add-repository.js';
import { notExternal } from './change-connection.js';

/** By hand: what is new at the host is fetched at once. How it went is seen at the repository. */
export async function fetchRepository(deps: Pick<ConnectDeps, 'db' | 'ports' | 'mirrors'>, repositoryId: string): Promise<void> {
  if (!(await deps.mirrors.find(repositoryId))) throw notExternal();
  await deps.db.transaction(async (tx) => {
    await deps.ports.requestFetch(tx, repositoryId);
    tx.changed('repository', repositoryId);
  });
}
