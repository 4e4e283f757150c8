import { randomBytes } from 'node:crypto';
import type { Database } from '../../../platform/database.js';
import { type Lookup, OutboundAddresses } from '../../../platform/outbound-addresses.js';
import { SealedBox } from '../../../platform/sealed-box.js';
import { aRepository } from '../../../testing/builders.js';
import { hosting } from '../../repositories/testing/hosted.js';
import { composeMirrors } from '../compose-mirrors.js';

type Options = {
  db: Database;
  key?: Buffer;
  allow?: string[];
  hosted?: Awaited<ReturnType<typeof hosting>>;
  lookup?: Lookup;
  slowMs?: number;
};

/** A server's mirrors on a test database; several with the same `hosted` and `key` are several servers. */
export async function mirroring({ db, key = randomBytes(32), allow = ['127.0.0.1'], hosted, lookup, slowMs }: Options) {
  const data = hosted ?? (await hosting({ db }));
  const warnings: unknown[] = [];
  const log = { error: data.log.error, warn: (...what: unknown[]) => void warnings.push(what) };
  const pushes = data.ingest();
  const made = composeMirrors({
    db,
    store: data.store,
    pushes,
    fetched: () => undefined,
    polled: async () => undefined,
    connectionChanged: async () => undefined,
    box: new SealedBox(key),
    addresses: new OutboundAddresses(allow, lookup),
    dataDir: data.dataDir,
    slowMs,
    log,
  });
  if (!hosted) await made.files.open();
  return { ...made, hosted: data, pushes, warnings, key };
}

/** A project, its owner and no repository. */
export async function aProject(db: Database): Promise<{ project: string; projectId: string; userId: string }> {
  const { projectId, userId } = await aRepository(db);
  return { project: projectId, projectId, userId };
}
