import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Queued jobs that the same agents can serve are found together. The key is a digest, as an index takes no row as long as tags may be;
 * the function is immutable because text, uuid and their arrays are written alike whatever the settings.
 */
export class JobLanes1700000000100 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function job_lane(project_id uuid, kind text, tags text[], pinned_agent_id uuid, lost_by uuid[]) returns bytea
      language sql immutable parallel safe
      as $$ select sha256(convert_to(jsonb_build_array(project_id, kind, tags, pinned_agent_id, lost_by)::text, 'UTF8')) $$`);
    await runner.query(`
      create index jobs_lanes on jobs (job_lane(project_id, kind, tags, pinned_agent_id, lost_by), priority desc, queued_at, id)
      where state = 'queued'`);
    await runner.query('drop index jobs_queued');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`create index jobs_queued on jobs (priority desc, queued_at, id) where state = 'queued'`);
    await runner.query('drop index jobs_lanes');
    await runner.query('drop function job_lane(uuid, text, text[], uuid, uuid[])');
  }
}
