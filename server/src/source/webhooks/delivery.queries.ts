import type { Database } from '../../platform/database.js';
import { oneEach } from '../../platform/graphql/batch.js';
import { type Connection, cursorKey, pageOf } from '../../platform/graphql/connection.js';
import { senderOf } from '../code-hosts/code-hosts.js';
import type { HostSoftware } from '../code-hosts/host-kinds.js';
import type { WebhookDeliveryState, WebhookPayloadType } from './delivery.type.js';
import { unpackPayload } from './payload.js';
import { showPayloadApart } from './webhook-thread.js';

type Row = {
  id: string;
  repositoryId: string;
  event: string;
  deliveryKey: string;
  receivedAt: Date;
  times: number;
  state: WebhookDeliveryState;
  answer: string | null;
  handledAt: Date | null;
  headers: Record<string, string>;
  /** What the repository's host is taken for. */
  software: HostSoftware | null;
};
export type DeliveryView = Row & { host: string | null };

const DELIVERY = `select id, repository_id as "repositoryId", event, delivery_key as "deliveryKey", received_at as "receivedAt", times, state,
  answer, handled_at as "handledAt", headers,
  (select m.host from mirrors m where m.repository_id = webhook_deliveries.repository_id) as software from webhook_deliveries`;

/** Read models of webhook deliveries. */
export class DeliveryQueries {
  constructor(private readonly db: Database) {}

  async byId(id: string): Promise<DeliveryView | null> {
    const [row] = await this.db.query<Row>(`${DELIVERY} where id = $1`, [id]);
    return row ? withHost(row) : null;
  }

  /** Newest first. */
  async ofRepository(repositoryId: string, first: number, after: string | null | undefined): Promise<Connection<DeliveryView>> {
    const rows = await this.db.query<Row>(
      `${DELIVERY} where repository_id = $1 and ($2::uuid is null or id < $2) order by id desc limit $3`,
      [repositoryId, cursorKey(after), first + 1],
    );
    return pageOf(rows.map(withHost), first, (row) => row.id);
  }

  async payloads(ids: readonly string[]): Promise<(WebhookPayloadType | null)[]> {
    const rows = await this.db.query<{ id: string; payload: Buffer; contentType: string | null }>(
      `select id, payload, headers->>'content-type' as "contentType" from webhook_deliveries where id = any($1)`,
      [ids],
    );
    const shown: (WebhookPayloadType & { id: string })[] = [];
    // One after the other: each may be large for a moment.
    for (const { id, payload, contentType } of rows) {
      const body = await unpackPayload(payload);
      shown.push({ id, ...(await showPayloadApart(body, contentType)), bytes: body.length });
    }
    return oneEach(ids, shown, (row) => row.id);
  }
}

const withHost = (row: Row): DeliveryView => ({ ...row, host: senderOf(row.headers, row.software) });
