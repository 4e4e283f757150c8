import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Runs of a part of a pipeline say nothing about the whole of their commit. */
export class PartialRuns1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table runs add column partial boolean not null default false');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table runs drop column partial');
  }
}
