import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Agents get accounts of their own in NATS. Until now all of them were let into the server's; so is, by default, whom a server of
 * the version before takes in while it still runs.
 */
export class AgentAccounts1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table agents drop column nats_account, drop column shared_account');
  }
}

const SCHEMA = /* sql */ `
alter table agents
  -- Public key of its account; null: it has not been let in since there are such
  add column nats_account text unique,
  -- It once got credentials for the server's account, where its key is kept out for good
  add column shared_account boolean not null default true;
`;
