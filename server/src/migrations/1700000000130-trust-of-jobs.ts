import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Each job says whether it runs the project's own code, so that its lane does; the foreign key keeps it what its run says. */
export class TrustOfJobs1700000000130 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table jobs add column trusted boolean not null default true');
    await runner.query('update jobs j set trusted = false from runs r where r.id = j.run_id and not r.trusted');
    await runner.query('alter table runs add unique (id, trusted)');
    await runner.query(`
      alter table jobs drop constraint jobs_run_id_fkey,
        add foreign key (run_id, trusted) references runs (id, trusted) on delete cascade on update cascade`);
    await runner.query(`
      create function job_lane(project_id uuid, kind text, tags text[], pinned_agent_id uuid, lost_by uuid[], trusted boolean) returns bytea
      language sql immutable parallel safe
      as $$ select sha256(convert_to(jsonb_build_array(project_id, kind, tags, pinned_agent_id, lost_by, trusted)::text, 'UTF8')) $$`);
    await runner.query('drop index jobs_lanes');
    await runner.query('drop function job_lane(uuid, text, text[], uuid, uuid[])');
    await runner.query(`
      create index jobs_lanes on jobs (job_lane(project_id, kind, tags, pinned_agent_id, lost_by, trusted), priority desc, queued_at, id)
      where state = 'queued'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create function job_lane(project_id uuid, kind text, tags text[], pinned_agent_id uuid, lost_by uuid[]) returns bytea
      language sql immutable parallel safe
      as $$ select sha256(convert_to(jsonb_build_array(project_id, kind, tags, pinned_agent_id, lost_by)::text, 'UTF8')) $$`);
    await runner.query('drop index jobs_lanes');
    await runner.query('drop function job_lane(uuid, text, text[], uuid, uuid[], boolean)');
    await runner.query(`
      create index jobs_lanes on jobs (job_lane(project_id, kind, tags, pinned_agent_id, lost_by), priority desc, queued_at, id)
      where state = 'queued'`);
    await runner.query(`
      alter table jobs drop constraint jobs_run_id_trusted_fkey,
        add constraint jobs_run_id_fkey foreign key (run_id) references runs on delete cascade, drop column trusted`);
    await runner.query('alter table runs drop constraint runs_id_trusted_key');
  }
}
