import type { Logger } from 'pino';
import type { Database } from '../../platform/database.js';
import type { OutboundAddresses } from '../../platform/outbound-addresses.js';
import type { SealedBox } from '../../platform/sealed-box.js';
import type { PushIngest } from '../repositories/pushes/ingest-pushes.js';
import type { RepositoryStore } from '../repositories/repository-store.js';
import { HostMirrors } from './host-mirrors.js';
import { MirrorFetcher } from './mirror-fetcher.js';
import { MirrorStore } from './mirror-store.js';
import { PrivateFiles } from './private-files.js';
import { RemoteGit } from './remote-git.js';
import { RemoteWays } from './remote-way.js';

export type ComposeMirrorsDeps = {
  db: Database;
  store: RepositoryStore;
  pushes: Pick<PushIngest, 'ingest'>;
  fetched(repositoryId: string): void;
  /** A look in passing has brought over what there was. What it rejects with is logged. */
  polled(repositoryId: string): Promise<void>;
  /** Another address or credential is stored. What it rejects with is logged. */
  connectionChanged(repositoryId: string): Promise<void>;
  box: SealedBox;
  addresses: OutboundAddresses;
  dataDir: string;
  log: Pick<Logger, 'warn' | 'error'>;
  /** After it, a fetch leaves its place to others. */
  slowMs?: number | undefined;
};

/** The parts of mirrors, tied together. `files.open()` comes before anything else, `fetcher.start()` when pushes are ingested. */
export function composeMirrors({
  db,
  store,
  box,
  addresses,
  dataDir,
  log,
  pushes,
  fetched,
  polled,
  connectionChanged,
  slowMs,
}: ComposeMirrorsDeps) {
  const logged = (work: (id: string) => Promise<void>) => (id: string) => {
    work(id).catch((error) =>
      log.warn({ err: error, repository: id }, 'The work that follows a fetch or a changed connection failed; trying again later.'),
    );
  };
  const files = new PrivateFiles(dataDir);
  const git = new RemoteGit(new RemoteWays(addresses, files), files);
  const mirrors = new MirrorStore(db, box);
  const fetcher = new MirrorFetcher({ db, store, pushes, fetched, polled: logged(polled), git, mirrors, log, slowMs });
  const ports = new HostMirrors({ db, store, mirrors, fetcher, git });
  /** Before everything that may wait for a host. Fetches are begun again at the next start, other requests fail. */
  const stop = async () => {
    const fetches = fetcher.stop();
    git.stop();
    await fetches;
  };
  return {
    files,
    git,
    mirrors,
    fetcher,
    ports,
    stop,
    connect: { db, store, mirrors, ports, files, git, changed: logged(connectionChanged) },
  };
}
