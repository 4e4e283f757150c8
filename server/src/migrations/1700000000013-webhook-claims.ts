import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who handles a delivery, so that it is handled once over all servers, and again when its server dies at it. */
export class WebhookClaims1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(): Promise<void> {
    throw new Error('Which deliveries are being handled would be lost: restore a backup instead.');
  }
}

const SCHEMA = /* sql */ `
alter table webhook_deliveries
  -- Until then a server is at it, or it is let rest after a failure
  add column handle_after timestamptz not null default now(),
  -- How often handling began since it was received, or delivered again
  add column tries integer not null default 0;
create index webhook_deliveries_due on webhook_deliveries (id) where state = 'received';
create index webhook_deliveries_by_age on webhook_deliveries (received_at);
`;
