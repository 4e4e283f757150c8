import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A report may have more cases than are kept; the counts are of all that ran. */
export class TestsOnlyCounted1700000000155 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      `alter table attempts add column only_counted_passed integer not null default 0, add column only_counted_failed integer not null default 0,
         add column only_counted_skipped integer not null default 0`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(
      'alter table attempts drop column only_counted_passed, drop column only_counted_failed, drop column only_counted_skipped',
    );
  }
}
