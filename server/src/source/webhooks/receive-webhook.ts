import { createHash } from 'node:crypto';
import { validate } from 'uuid';
import type { Database, Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { newId } from '../../platform/ids.js';
import type { Logger } from '../../platform/log.js';
import { newSecret } from '../../platform/secrets.js';
import { jsonb } from '../../platform/storable.js';
import { CODE_HOSTS, senderOf } from '../code-hosts/code-hosts.js';
import type { HostKind } from '../code-hosts/host-kinds.js';
import type { Headers } from '../code-hosts/signature.js';
import type { Mirrors } from '../mirrors/ports.js';
import { shownHeaders } from './delivery-headers.js';
import { eventOf } from './event-of.js';
import { packPayload } from './payload.js';
import { RareLines } from './rare-lines.js';
import { badSignature, unknownAddress, unknownSender } from './refusals.js';
import type { CountWebhook } from './webhook-counter.js';
import { readNewsApart } from './webhook-thread.js';

export type ReceiveDeps = {
  db: Database;
  mirrors: Pick<Mirrors, 'webhookSecret'>;
  count: CountWebhook;
  log: Pick<Logger, 'warn'>;
};
export type WebhookRequest = { repositoryId: string; headers: Headers; body: Uint8Array };
export type WebhookReceipt = { message: string; delivery: string };

type Reading = { state: 'received' | 'handled' | 'ignored' | 'failed'; message: string };
type Delivery = { key: string; event: string; headers: Record<string, string>; payload: Buffer; reading: Reading };

const MAX_KEY_LENGTH = 200;
const RECEIVED = 'Received; it is handled at once. Slipway shows what it causes.';
const REPEATED = 'This delivery was received before, so nothing is started again. "Redeliver" in Slipway handles it again.';

/**
 * Receives a call of a host. Only a call with the right signature leaves a row, and only one row, however often the host repeats it. The work is done
 * after the answer, by the DeliveryLoop, which the commit of the row wakes.
 *
 * @throws DomainError whose message is for whoever sets up the webhook
 */
export function receiveWebhookWith(deps: ReceiveDeps): (request: WebhookRequest) => Promise<WebhookReceipt> {
  const refusals = new RareLines(deps.log);
  /** Unknown repositories cost a signature too. */
  const nobodysSecret = newSecret();
  return async ({ repositoryId, headers, body }) => {
    const found = validate(repositoryId) ? await deps.mirrors.webhookSecret(repositoryId) : null;
    const sender = senderOf(headers, found?.host ?? null);
    const verdict = (sender && CODE_HOSTS[sender].webhook.verify(found?.secret ?? nobodysSecret, headers, body)) ?? 'missing';
    if (found && sender && verdict === 'good') return store(deps, repositoryId, sender, await deliveryOf(sender, headers, body));
    const host = sender ?? 'none';
    deps.count(host, found ? 'refused' : 'unknown');
    if (!found) throw unknownAddress();
    refusals.warn(repositoryId, { repository: repositoryId, host, verdict }, 'A webhook was refused.');
    throw sender && verdict !== 'good' ? badSignature(sender, verdict) : unknownSender();
  };
}

async function deliveryOf(sender: HostKind, headers: Headers, body: Uint8Array): Promise<Delivery> {
  return {
    key: keyOf(CODE_HOSTS[sender].webhook.deliveryId(headers), body),
    event: eventOf(sender, headers, body),
    headers: shownHeaders(headers),
    payload: await packPayload(body),
    reading: await read(sender, headers, body),
  };
}

/** The host's id; of the bytes where there is none. */
function keyOf(id: string | null, body: Uint8Array): string {
  if (id !== null && id.length <= MAX_KEY_LENGTH) return id;
  return `sha256:${createHash('sha256')
    .update(id ?? body)
    .digest('hex')}`;
}

/** A delivery that needs no work is finished with the answer. */
async function read(sender: HostKind, headers: Headers, body: Uint8Array): Promise<Reading> {
  const news = await readNewsApart(sender, headers, body);
  if (news.kind === 'bad') return { state: 'failed', message: news.why };
  if (news.kind === 'ping') return { state: 'handled', message: news.answer };
  if (news.kind === 'ignored') return { state: 'ignored', message: news.why };
  return { state: 'received', message: RECEIVED };
}

async function store({ db, count }: ReceiveDeps, repositoryId: string, sender: HostKind, delivery: Delivery): Promise<WebhookReceipt> {
  const { id, isNew } = await db.transaction(async (tx) => {
    await tx.query('update mirrors set last_delivery_at = now() where repository_id = $1', [repositoryId]);
    tx.changed('repository', repositoryId);
    return insert(tx, repositoryId, delivery);
  });
  const { state, message } = delivery.reading;
  if (!isNew) {
    count(sender, 'repeated');
    return { message: REPEATED, delivery: id };
  }
  count(sender, state === 'failed' ? 'unreadable' : state === 'ignored' ? 'ignored' : 'accepted');
  if (state === 'failed') throw new DomainError('bad_input', 'bad_payload', message, { delivery: id });
  return { message, delivery: id };
}

/** `xmax` is 0 in rows that this statement made. */
async function insert(tx: Tx, repositoryId: string, delivery: Delivery): Promise<{ id: string; isNew: boolean }> {
  const { key, event, headers, payload, reading } = delivery;
  const isOver = reading.state !== 'received';
  const rows = await tx.query<{ id: string; isNew: boolean }>(
    `insert into webhook_deliveries (id, repository_id, delivery_key, event, headers, payload, state, answer, handled_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, case when $9 then now() end)
     on conflict (repository_id, delivery_key) do update set times = webhook_deliveries.times + 1
     returning id, xmax = 0 as "isNew"`,
    [newId(), repositoryId, key, event, jsonb(headers), payload, reading.state, isOver ? reading.message : null, isOver],
  );
  return rows[0] as { id: string; isNew: boolean };
}
