import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Pages of pushes, and what points at a commit. */
export class History1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(): Promise<void> {
    throw new Error('There is no way back: restore a backup instead.');
  }
}

const SCHEMA = /* sql */ `
create index pushes_of_repository on pushes (repository_id, id desc);
create index branches_of_commit on branches (repository_id, head_sha);
create index tags_of_commit on tags (repository_id, sha);
create index pull_requests_of_head on pull_requests (repository_id, head_sha);
`;
