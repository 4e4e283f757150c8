import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The page that a push leads to asks for the pushes that ended at its commit, again and again until there is one. */
export class PushesOfCommits1700000000140 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('create index pushes_of_commit on pushes (repository_id, new_sha)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop index pushes_of_commit');
  }
}
