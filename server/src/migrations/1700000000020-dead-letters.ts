import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What could not be taken after some tries, set aside so that it holds up nothing behind it. */
export class DeadLetters1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table dead_letters (
        id uuid primary key,
        -- Which loop set it aside
        kind text not null,
        -- Names it within its kind: there is one letter of a thing at a time
        key text not null,
        project_id uuid references projects on delete cascade,
        repository_id uuid references repositories on delete cascade,
        -- What it is, for people
        about text not null,
        error text not null,
        tries integer not null,
        -- What trying again needs
        body jsonb not null,
        failed_at timestamptz not null default now(),
        unique (kind, key)
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table dead_letters');
  }
}
