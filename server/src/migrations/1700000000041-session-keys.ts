import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A session needs a second secret beside its cookie. Those from before have none and are over: people sign in once more. */
export class SessionKeys1700000000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('delete from sessions');
    await runner.query('alter table sessions add column key_hash bytea not null');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table sessions drop column key_hash');
  }
}
