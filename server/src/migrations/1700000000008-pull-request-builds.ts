import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was decided about each state of a pull request, so that it is decided once; and which statuses are on their way to the host. */
export class PullRequestBuilds1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(): Promise<void> {
    throw new Error('Pull requests would be built again: restore a backup instead.');
  }
}

const SCHEMA = /* sql */ `
-- To fetch the head from, where the host has no ref for pull requests
alter table pull_requests add column source_url text;

create table pull_request_builds (
  pull_request_id uuid not null references pull_requests on delete cascade,
  head_sha text not null,
  base_branch text not null,
  -- null: none was needed; why is in the two below
  run_id uuid references runs on delete set null,
  no_run_code text,
  no_run_message text,
  decided_at timestamptz not null default now(),
  primary key (pull_request_id, head_sha, base_branch)
);
create index pull_request_builds_of_run on pull_request_builds (run_id) where run_id is not null;
create index pull_requests_of_repository on pull_requests (repository_id, number desc);
-- Of pull requests that are over or have a newer head, the runs that still go on
create index runs_going_on_of_pull_requests on runs (pull_request_id) where pull_request_id is not null and state in ('pending', 'running');

alter table commit_statuses
  -- One request at a time for each row; whoever sends has until then
  add column sending_until timestamptz,
  -- When the host last took one
  add column sent_at timestamptz,
  -- A request got no answer: it may still arrive, behind later ones
  add column unsure boolean not null default false;
create index commit_statuses_of_run on commit_statuses (run_id) where run_id is not null;
`;
