import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A job that tries another again is asked for by who wanted that, and not by who started the run. */
export class WhoRetried1700000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs add column retried_by uuid references users on delete set null');
    await runner.query(`
      update jobs set retried_by = h.by_user from history h
      where h.thing = 'job' and h.thing_id = jobs.id and h.event = 'retried' and jobs.retry_of is not null`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs drop column retried_by');
  }
}
