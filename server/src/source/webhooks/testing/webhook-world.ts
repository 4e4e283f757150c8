import { composeWebhooks } from '../../../compose/webhooks.js';
import { Changes } from '../../../platform/changes.js';
import { createHttp } from '../../../platform/http/create-http.js';
import { createLog } from '../../../platform/log.js';
import { Metrics } from '../../../platform/metrics.js';
import { aRepository } from '../../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../../testing/database.js';
import { HOST_KINDS, type HostKind, type HostSoftware } from '../../code-hosts/host-kinds.js';
import type { PullRequestFacts } from '../../code-hosts/pull-request-facts.js';
import type { Proof } from '../../code-hosts/testing/fixture-set.js';
import { HOST_FIXTURES } from '../../code-hosts/testing/host-fixtures.js';
import type { Mirrors } from '../../mirrors/ports.js';
import type { PullRequests } from '../../pull-requests/ports.js';

export const SECRET = 'It is a secret to everybody';

export type Headers = Record<string, string>;
export type Answer = { status: number; headers: globalThis.Headers; message: string; code: string | null; delivery: string | null };
export type Row = { id: string; state: string; answer: string | null; times: number; event: string; deliveryKey: string; headers: Headers };

/** Repositories that are external by having a secret; what is asked of them is noted. */
export class FakeMirrors implements Pick<Mirrors, 'webhookSecret' | 'requestFetch'> {
  /** What their hosts are taken for, by id. */
  readonly external = new Map<string, HostSoftware>();
  readonly fetches: string[] = [];
  failWith: Error | null = null;

  async webhookSecret(repositoryId: string) {
    const host = this.external.get(repositoryId);
    return host ? { host, secret: SECRET } : null;
  }

  async requestFetch(_tx: unknown, repositoryId: string): Promise<void> {
    if (this.failWith) throw this.failWith;
    this.fetches.push(repositoryId);
  }
}

export class FakePullRequests implements PullRequests {
  readonly news: PullRequestFacts[] = [];
  /** Called before the news is noted. */
  before: () => Promise<void> = async () => undefined;

  async changed(_repositoryId: string, facts: PullRequestFacts): Promise<string> {
    await this.before();
    this.news.push(facts);
    return `Pull request ${facts.number} is ${facts.state}.`;
  }
}

/** A server that takes webhooks on a database of its own; its loop is started by who wants deliveries handled. */
export async function webhookWorld() {
  const database = await testDatabase();
  const changes = new Changes();
  const forget = database.onChanged((key) => changes.emit(key));
  const lines: Record<string, unknown>[] = [];
  const log = createLog('debug', 'slipway-server', { write: (line) => lines.push(JSON.parse(line)) });
  const [mirrors, pullRequests, metrics] = [new FakeMirrors(), new FakePullRequests(), new Metrics()];
  const compose = () => composeWebhooks({ database, changes, mirrors, pullRequests, log });
  const webhooks = compose();
  metrics.registry.registerMetric(webhooks.counter);
  const app = await createHttp({
    log,
    metrics,
    metricsToken: null,
    readiness: [],
    webDir: '/nonexistent',
    trustedProxies: 0,
    publicUrl: null,
    hsts: true,
  });
  await app.register(webhooks.routes);
  const address = await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    database,
    mirrors,
    pullRequests,
    metrics,
    lines,
    address,
    /** One more server on the same database. */
    anotherLoop: () => compose().loop,
    anExternalRepository: (host: HostSoftware = 'other') => anExternalRepository(database, mirrors, host),
    rows: (repositoryId: string) => rowsOf(database, repositoryId),
    async post(repositoryId: string, headers: Headers, body: string | Uint8Array<ArrayBuffer>): Promise<Answer> {
      const response = await fetch(`${address}/webhooks/${repositoryId}`, { method: 'POST', headers, body });
      const text = (await response.json()) as { message?: string; delivery?: string; error?: { code: string; message: string } };
      const { error } = text;
      return {
        status: response.status,
        headers: response.headers,
        message: error?.message ?? text.message ?? '',
        code: error?.code ?? null,
        delivery: text.delivery ?? null,
      };
    },
    async close(): Promise<void> {
      await app.close();
      forget();
      await database.close();
    },
  };
}

async function anExternalRepository(database: TestDatabase, mirrors: FakeMirrors, host: HostSoftware) {
  const at = await aRepository(database);
  await database.query(`update repositories set kind = 'external', address_key = 'git.example/acme/site' where id = $1`, [at.repositoryId]);
  await database.query(
    `insert into mirrors (repository_id, url, host, webhook_secret) values ($1, 'https://git.example/acme/site.git', $3, $2)`,
    [at.repositoryId, Buffer.from('sealed'), host],
  );
  mirrors.external.set(at.repositoryId, host);
  return at;
}

function rowsOf(database: TestDatabase, repositoryId: string): Promise<Row[]> {
  return database.query<Row>(
    `select id, state, answer, times, event, delivery_key as "deliveryKey", headers from webhook_deliveries where repository_id = $1 order by id`,
    [repositoryId],
  );
}

let deliveries = 0;
const newDelivery = () => `delivery-${++deliveries}`;
const asText = (payload: unknown): string => (typeof payload === 'string' ? payload : JSON.stringify(payload));

/** How calls of such a host usually prove themselves. */
export const proofOf = (host: HostKind): Proof => HOST_FIXTURES[host].webhook.proofs[0] as Proof;

/** Requests as each kind of host makes them, rightly signed. */
export const from = Object.fromEntries(
  HOST_KINDS.map((host) => [
    host,
    (event: string, payload: unknown, delivery = newDelivery()) => {
      const body = asText(payload);
      const { header, of } = proofOf(host);
      return [{ ...HOST_FIXTURES[host].webhook.headers(event, delivery), [header]: of(Buffer.from(body), SECRET) }, body];
    },
  ]),
) as Record<HostKind, (event: string, payload: unknown, delivery?: string) => [Headers, string]>;
