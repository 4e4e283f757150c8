import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DeathsAtPushes1700000000160 implements MigrationInterface {
  readonly name = 'DeathsAtPushes1700000000160';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
      alter table repositories
        -- Where in the receive journal a server began to take pushes last, which one, and how many in a row have died there.
        add taking_offset bigint,
        add taking_process text,
        add taking_deaths integer not null default 0;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table repositories drop taking_offset, drop taking_process, drop taking_deaths');
  }
}
