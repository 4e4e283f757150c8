import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which process of its agent an attempt is for, so that a restart ends what the one before was given. */
export class AgentProcesses1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table attempts drop column process_id; alter table agents drop column process_id');
  }
}

const SCHEMA = /* sql */ `
-- As the agent names itself in its newest hello, anew at each start; null: it never did
alter table agents add column process_id uuid;
-- The agent's at the time of the offer; null: of before, or of an agent that doesn't say
alter table attempts add column process_id uuid;
`;
