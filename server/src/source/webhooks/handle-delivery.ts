import type { Database, Tx } from '../../platform/database.js';
import { type DeadLetter, setAside } from '../../platform/dead-letters.js';
import { DomainError } from '../../platform/errors.js';
import { faultOf } from '../../platform/faults.js';
import type { Logger } from '../../platform/log.js';
import { senderOf } from '../code-hosts/code-hosts.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import { describeRefs, type HostNews, type HostRepository, isAbout } from '../code-hosts/host-news.js';
import type { Mirrors } from '../mirrors/ports.js';
import type { PullRequests } from '../pull-requests/ports.js';
import { unpackPayload } from './payload.js';
import type { readNews } from './read-news.js';
import type { CountWebhook } from './webhook-counter.js';
import { readNewsApart } from './webhook-thread.js';

export type HandleDeps = {
  db: Database;
  mirrors: Pick<Mirrors, 'requestFetch'>;
  pullRequests: PullRequests;
  count: CountWebhook;
  log: Pick<Logger, 'warn' | 'error'>;
};

export type ClaimedDelivery = {
  id: string;
  repositoryId: string;
  /** Of the repository's address, as repositoryKey() makes it. */
  addressKey: string | null;
  /** What the repository's host is taken for. */
  host: HostSoftware | null;
  event: string;
  headers: Record<string, string>;
  payload: Buffer;
  /** This one included. */
  tries: number;
};

type End = { state: 'handled' | 'ignored' | 'failed'; answer: string };

/** Renewed while it is handled: after it, its server is taken for dead, and another begins again. */
const CLAIM_SECONDS = 60;
const RENEW_MS = 15_000;
/** Also of a delivery that its server does not survive. */
const MAX_TRIES = 5;
/** After the first failure; doubled with each further one. */
const REST_SECONDS = 10;

/**
 * The oldest delivery that is due, for this server alone; null: there is none.
 * @param not repositories that have enough under way
 */
export async function claimDelivery(db: Database, not: readonly string[] = []): Promise<ClaimedDelivery | null> {
  const [claimed] = await db.query<ClaimedDelivery>(
    `update webhook_deliveries d set handle_after = now() + make_interval(secs => ${CLAIM_SECONDS}), tries = tries + 1
     from repositories r
     where r.id = d.repository_id and d.id = (
       select id from webhook_deliveries where state = 'received' and handle_after <= now() and repository_id <> all($1)
       order by id limit 1 for update skip locked)
     returning d.id, d.repository_id as "repositoryId", r.address_key as "addressKey",
       (select host from mirrors m where m.repository_id = r.id) as host, d.event, d.headers, d.payload, d.tries`,
    [not],
  );
  return claimed ?? null;
}

/** Does what a claimed delivery asks for. May be repeated: doing it twice has the same effect as once. */
export async function handleDelivery(deps: HandleDeps, delivery: ClaimedDelivery): Promise<void> {
  const renewing = setInterval(() => void renew(deps, delivery), RENEW_MS).unref();
  try {
    if (delivery.tries > MAX_TRIES) throw diedOfIt();
    await act(deps, delivery, await newsOf(delivery));
  } catch (error) {
    await failed(deps, delivery, error);
  } finally {
    clearInterval(renewing);
  }
}

/** While this server waits for a slow host, a second one need not wait too. */
async function renew({ db, log }: HandleDeps, { id, repositoryId, tries }: ClaimedDelivery): Promise<void> {
  try {
    await db.query(
      `update webhook_deliveries set handle_after = now() + make_interval(secs => ${CLAIM_SECONDS}) where id = $1 and state = 'received' and tries = $2`,
      [id, tries],
    );
  } catch (error) {
    log.warn(
      { err: error, delivery: id, repository: repositoryId },
      'The claim on a webhook delivery could not be renewed; trying again while it lasts.',
    );
  }
}

async function newsOf({ headers, host, payload }: ClaimedDelivery): Promise<ReturnType<typeof readNews>> {
  return readNewsApart(senderOf(headers, host), headers, await unpackPayload(payload));
}

async function act(deps: HandleDeps, delivery: ClaimedDelivery, news: HostNews | { kind: 'bad'; why: string }): Promise<void> {
  const { db, mirrors, pullRequests } = deps;
  if (news.kind === 'bad') return end(deps, delivery, { state: 'failed', answer: news.why });
  if (news.kind === 'ping') return end(deps, delivery, { state: 'handled', answer: news.answer });
  if (news.kind === 'ignored') return end(deps, delivery, { state: 'ignored', answer: news.why });
  if (!isAbout(news.repository, delivery.addressKey))
    return end(deps, delivery, { state: 'ignored', answer: aboutAnother(news.repository) });
  if (news.kind === 'pull_request') {
    const answer = await pullRequests.changed(delivery.repositoryId, news.facts);
    return end(deps, delivery, { state: 'handled', answer });
  }
  await db.transaction(async (tx) => {
    await mirrors.requestFetch(tx, delivery.repositoryId);
    await store(tx, delivery, { state: 'handled', answer: describeRefs(news.moved) });
  });
  deps.count(hostOf(delivery), 'handled');
}

const letterOf = ({ id, repositoryId, event }: ClaimedDelivery): DeadLetter => ({
  kind: 'webhook_delivery',
  key: id,
  about: `Webhook delivery "${event}"`,
  repositoryId,
});

const aboutAnother = (told: HostRepository): string =>
  `It is about "${[told].flat()[0]}", which is not the repository at this address. Make the webhook only in the repository that belongs to this address. If that was renamed at the host, change its address here.`;

/** @param error why it is set aside */
async function end(deps: HandleDeps, delivery: ClaimedDelivery, how: End, error?: unknown): Promise<void> {
  await deps.db.transaction(async (tx) => {
    await store(tx, delivery, how);
    if (error !== undefined) await setAside(tx, letterOf(delivery), error, delivery.tries);
  });
  deps.count(hostOf(delivery), how.state === 'ignored' ? 'passed_over' : how.state);
}

/** One that was claimed anew in the meantime is left to whoever has it now. */
async function store(tx: Tx, { id, repositoryId, tries }: ClaimedDelivery, { state, answer }: End): Promise<void> {
  await tx.query(
    `update webhook_deliveries set state = $3, answer = $4, handled_at = now() where id = $1 and state = 'received' and tries = $2`,
    [id, tries, state, answer],
  );
  tx.changed('repository', repositoryId);
}

/** What the caller can fix fails at once; what may pass by itself is tried again at growing intervals. */
async function failed(deps: HandleDeps, delivery: ClaimedDelivery, error: unknown): Promise<void> {
  const { log, db } = deps;
  const { id, repositoryId, tries } = delivery;
  const mayPass = faultOf(error) !== 'lasting';
  const details = { err: error, delivery: id, repository: repositoryId, tries };
  if (mayPass && tries < MAX_TRIES) {
    log.warn(details, 'A webhook delivery could not be handled; trying again.');
    const restSeconds = REST_SECONDS * 2 ** (tries - 1);
    await db.query(
      `update webhook_deliveries set handle_after = now() + make_interval(secs => $3) where id = $1 and state = 'received' and tries = $2`,
      [id, tries, restSeconds],
    );
    return;
  }
  if (!(error instanceof DomainError)) log.error(details, 'A webhook delivery failed.');
  const answer =
    error instanceof DomainError ? error.message : `Slipway could not handle it. The server's log says more under the id ${id}.`;
  await end(deps, delivery, { state: 'failed', answer }, error);
}

const diedOfIt = () =>
  new DomainError(
    'conflict',
    'server_died',
    'The server ended several times while it handled this delivery, so Slipway does not try it again by itself.',
  );

const hostOf = ({ headers, host }: ClaimedDelivery): string => senderOf(headers, host) ?? 'none';
