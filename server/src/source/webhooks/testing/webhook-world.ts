import { createHmac } from 'node:crypto';
import { composeWebhooks } from '../../../compose/webhooks.js';
import { Changes } from '../../../platform/changes.js';
import { createHttp } from '../../../platform/http/create-http.js';
import { createLog } from '../../../platform/log.js';
import { Metrics } from '../../../platform/metrics.js';
import { aRepository } from '../../../testing/builders.js';
import { type TestDatabase, testDatabase } from '../../../testing/database.js';
import type { Mirrors } from '../../mirrors/ports.js';
import type { PullRequestFacts, PullRequests } from '../../pull-requests/ports.js';

export const SECRET = 'It is a secret to everybody';
export const hmac = (body: string | Uint8Array, secret = SECRET) => createHmac('sha256', secret).update(body).digest('hex');

export type Headers = Record<string, string>;
export type Answer = { status: number; headers: globalThis.Headers; message: string; code: string | null; delivery: string | null };
export type Row = { id: string; state: string; answer: string | null; times: number; event: string; deliveryKey: string; headers: Headers };

/** Repositories that are external by having a secret; what is asked of them is noted. */
export class FakeMirrors implements Pick<Mirrors, 'webhookSecret' | 'requestFetch'> {
  readonly external = new Set<string>();
  readonly fetches: string[] = [];
  failWith: Error | null = null;

  async webhookSecret(repositoryId: string) {
    return this.external.has(repositoryId) ? { host: 'other' as const, secret: SECRET } : null;
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
    anExternalRepository: () => anExternalRepository(database, mirrors),
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

async function anExternalRepository(database: TestDatabase, mirrors: FakeMirrors) {
  const at = await aRepository(database);
  await database.query(`update repositories set kind = 'external', address_key = 'git.example/acme/site' where id = $1`, [at.repositoryId]);
  await database.query(
    `insert into mirrors (repository_id, url, host, webhook_secret) values ($1, 'https://git.example/acme/site.git', 'other', $2)`,
    [at.repositoryId, Buffer.from('sealed')],
  );
  mirrors.external.add(at.repositoryId);
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

/** Requests as each kind of host makes them, rightly signed. */
export const from = {
  github(event: string, payload: unknown, delivery = newDelivery()): [Headers, string] {
    const body = asText(payload);
    const named = { 'x-github-event': event, 'x-github-delivery': delivery, 'x-hub-signature-256': `sha256=${hmac(body)}` };
    return [{ 'content-type': 'application/json', 'user-agent': 'GitHub-Hookshot/1', ...named }, body];
  },
  gitea(event: string, payload: unknown, delivery = newDelivery()): [Headers, string] {
    const [headers, body] = from.github(event, payload, delivery);
    return [{ ...headers, 'x-gitea-event': event, 'x-gitea-delivery': delivery, 'x-gitea-signature': hmac(body) }, body];
  },
  gitlab(event: string, payload: unknown, delivery = newDelivery()): [Headers, string] {
    const named = { 'x-gitlab-event': event, 'x-gitlab-token': SECRET, 'idempotency-key': delivery };
    return [{ 'content-type': 'application/json', ...named }, asText(payload)];
  },
  bitbucket(event: string, payload: unknown, delivery = newDelivery()): [Headers, string] {
    const body = asText(payload);
    const named = { 'x-event-key': event, 'x-request-uuid': delivery, 'x-hub-signature': `sha256=${hmac(body)}` };
    return [{ 'content-type': 'application/json', ...named }, body];
  },
  bitbucketServer(event: string, payload: unknown, delivery = newDelivery()): [Headers, string] {
    const body = asText(payload);
    const named = { 'x-event-key': event, 'x-request-id': delivery, 'x-hub-signature': `sha256=${hmac(body)}` };
    return [{ 'content-type': 'application/json; charset=utf-8', ...named }, body];
  },
};
