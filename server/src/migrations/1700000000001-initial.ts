import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Appended to, never edited once released; changes expand first and contract later. */
export class Initial1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(): Promise<void> {
    throw new Error('The first migration has no way back: restore a backup instead.');
  }
}

const SCHEMA = /* sql */ `
-- Who: people, their sessions and tokens -----------------------------------------------------------------------------
create table users (
  id uuid primary key,
  name text not null,
  email text not null unique,
  password_hash text,
  is_admin boolean not null default false,
  created_at timestamptz not null default now()
);
create table sessions (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  secret_hash bytea not null unique,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create table sign_in_links (
  secret_hash bytea primary key,
  user_id uuid not null references users on delete cascade,
  expires_at timestamptz not null,
  used_at timestamptz
);
create table tokens (
  id uuid primary key,
  user_id uuid not null references users on delete cascade,
  name text not null,
  secret_hash bytea not null unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz
);

-- What: projects, their repositories and history ------------------------------------------------------------------------
create table projects (
  id uuid primary key,
  name text not null unique,
  owner_id uuid not null references users,
  created_at timestamptz not null default now()
);
create table project_members (
  project_id uuid not null references projects on delete cascade,
  user_id uuid not null references users on delete cascade,
  role text not null check (role in ('viewer', 'developer', 'deployer', 'admin')),
  primary key (project_id, user_id)
);
create table repositories (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  name text not null,
  default_branch text,
  -- Bytes of the receive journal that have become rows; the journal is the truth about ref updates, see receive-journal.ts.
  journal_offset bigint not null default 0,
  next_run_number integer not null default 1,
  created_at timestamptz not null default now(),
  unique (project_id, name)
);
create table commits (
  repository_id uuid not null references repositories on delete cascade,
  sha text not null,
  author_name text not null,
  author_email text not null,
  message text not null,
  authored_at timestamptz not null,
  committed_at timestamptz not null,
  parents text[] not null,
  primary key (repository_id, sha)
);
create table branches (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  name text not null,
  head_sha text not null,
  updated_at timestamptz not null default now(),
  unique (repository_id, name)
);
create table pushes (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  -- Byte offset of the entry in the receive journal: one row for an entry, whatever dies in between.
  journal_offset bigint not null,
  ref text not null,
  old_sha text not null,
  new_sha text not null,
  commits integer not null,
  pushed_by uuid references users on delete set null,
  pushed_at timestamptz not null,
  unique (repository_id, journal_offset, ref)
);

-- Runs: one execution of a pipeline; its jobs; the attempts at each job ---------------------------------------------------
create table runs (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  repository_id uuid not null references repositories on delete cascade,
  number integer not null,
  branch text not null,
  commit_sha text not null,
  -- push | manual | deploy | rollback
  trigger text not null,
  triggered_by uuid references users on delete set null,
  push_id uuid references pushes on delete set null,
  -- pending: all waiting or queued · running · succeeded | failed | cancelled · invalid: the pipeline can't be read
  state text not null,
  -- The pipeline as compiled at the commit, and what is wrong with it: [{file,line,column,message,remedy}]
  pipeline jsonb,
  problems jsonb,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  unique (repository_id, number),
  unique (push_id)
);
create index runs_of_project on runs (project_id, id desc);
create index runs_of_branch on runs (repository_id, branch, id desc);

create table jobs (
  id uuid primary key,
  run_id uuid not null references runs on delete cascade,
  project_id uuid not null references projects on delete cascade,
  position integer not null,
  name text not null,
  kind text not null check (kind in ('build', 'test', 'deploy')),
  needs text[] not null default '{}',
  -- JobSpec of the compiled pipeline
  spec jsonb not null,
  state text not null check (state in ('waiting', 'queued', 'assigned', 'running', 'cancelling', 'succeeded', 'failed', 'cancelled', 'timed_out', 'skipped')),
  -- Why it waits or why it ended: a stable code, and a sentence for people
  reason text,
  message text,
  -- The newest row of a name in its run; retries make a new row and take this from the old one
  is_current boolean not null default true,
  retry_of uuid references jobs,
  priority integer not null default 0,
  tags text[] not null default '{}',
  timeout_ms integer not null,
  infra_retries_left integer not null default 2,
  -- The agent alone that may run it: environments live on one
  pinned_agent_id uuid,
  lost_by uuid[] not null default '{}',
  environment_id uuid,
  created_at timestamptz not null default now(),
  queued_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz
);
create unique index jobs_current_name on jobs (run_id, name) where is_current;
create index jobs_of_run on jobs (run_id);
create index jobs_queued on jobs (priority desc, queued_at, id) where state = 'queued';
create index jobs_alive on jobs (state) where state in ('assigned', 'running', 'cancelling');

create table agents (
  id uuid primary key,
  name text not null unique,
  public_key text not null unique,
  roles text[] not null default '{}',
  tags text[] not null default '{}',
  slots integer not null default 0,
  version text,
  hostname text,
  platform text,
  sandbox jsonb,
  load jsonb,
  draining boolean not null default false,
  connected boolean not null default false,
  last_seen_at timestamptz,
  created_at timestamptz not null default now(),
  revoked_at timestamptz
);
create table enrolment_tokens (
  id uuid primary key,
  secret_hash bytea not null unique,
  name text not null,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

create sequence attempt_numbers;
create table attempts (
  id uuid primary key,
  job_id uuid not null references jobs on delete cascade,
  agent_id uuid not null references agents,
  number bigint not null unique default nextval('attempt_numbers'),
  state text not null check (state in ('offered', 'running', 'ended')),
  key bytea not null,
  token_hash bytea not null,
  lease_until timestamptz not null,
  cancel_reason text,
  -- Reports applied so far: the next one must carry this number
  next_report integer not null default 0,
  -- Outcome as reported, or why the server ended it (agent_lost, not_accepted, timed_out, cancelled)
  outcome jsonb,
  last_chunk integer,
  created_at timestamptz not null default now(),
  accepted_at timestamptz,
  ended_at timestamptz
);
create unique index attempts_one_alive on attempts (job_id) where state <> 'ended';
create index attempts_alive on attempts (agent_id) where state <> 'ended';
create index attempts_of_job on attempts (job_id, number desc);

create table steps (
  attempt_id uuid not null references attempts on delete cascade,
  index integer not null,
  name text not null,
  line integer not null,
  started_at timestamptz not null default now(),
  exit_code integer,
  duration_ms integer,
  finished_at timestamptz,
  primary key (attempt_id, index)
);

-- What happened to a thing, append-only
create table history (
  id bigint generated always as identity primary key,
  thing text not null,
  thing_id uuid not null,
  event text not null,
  from_state text,
  to_state text,
  by_user uuid references users on delete set null,
  by_agent uuid,
  details jsonb,
  at timestamptz not null default now()
);
create index history_of_thing on history (thing, thing_id, id);

-- What was decided and is still to be told; emptied by the relay after the acknowledgement
create table outbox (
  id bigint generated always as identity primary key,
  -- jetstream: with an acknowledgement and message id · core: at most once, e.g. changed.* and control.*
  kind text not null check (kind in ('jetstream', 'core')),
  subject text not null,
  payload jsonb not null,
  message_id text,
  created_at timestamptz not null default now()
);

-- Logs: never the text; only where its sealed blocks are --------------------------------------------------------------
create table logs (
  attempt_id uuid primary key references attempts on delete cascade,
  agent_id uuid not null,
  -- Everything before these is sealed
  sealed_chunks integer not null default 0,
  sealed_lines integer not null default 0,
  sealed_bytes bigint not null default 0,
  -- Stream sequence of the last sealed chunk: a tail starts after it
  sealed_seq bigint not null default 0,
  complete boolean not null default false,
  sealer_id uuid,
  sealer_until timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  deleted_at timestamptz
);
create index logs_open on logs (created_at) where not complete;
create index logs_expiring on logs (expires_at) where deleted_at is null;
create table log_blocks (
  attempt_id uuid not null references logs on delete cascade,
  block integer not null,
  first_line integer not null,
  lines integer not null,
  first_chunk integer not null,
  chunks integer not null,
  raw_bytes integer not null,
  stored_bytes integer not null,
  blob_key text not null,
  primary key (attempt_id, block)
);

-- Artifacts and test results -----------------------------------------------------------------------------------------------
create table artifacts (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  run_id uuid not null references runs on delete cascade,
  job_id uuid not null references jobs on delete cascade,
  attempt_id uuid not null references attempts on delete cascade,
  name text not null,
  digest text not null,
  size bigint not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  deleted_at timestamptz,
  unique (attempt_id, name)
);
create index artifacts_by_digest on artifacts (digest);
create index artifacts_of_run on artifacts (run_id);
create index artifacts_of_job on artifacts (job_id);
create index artifacts_expiring on artifacts (expires_at) where deleted_at is null;
create table test_cases (
  id bigint generated always as identity primary key,
  job_id uuid not null references jobs on delete cascade,
  attempt_id uuid not null references attempts on delete cascade,
  suite text not null,
  name text not null,
  file text,
  state text not null check (state in ('passed', 'failed', 'skipped')),
  duration_ms double precision,
  message text,
  output text
);
create index test_cases_of_job on test_cases (job_id, state, id);

-- Environments, releases, deployments --------------------------------------------------------------------------------------
create table environments (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  name text not null,
  -- active | deleting | deleted
  state text not null default 'active',
  agent_id uuid references agents,
  port integer,
  cpu_cores double precision,
  memory_mib integer,
  storage_mib integer,
  variables jsonb not null default '{}',
  generation integer not null default 0,
  -- DesiredRelease[] of that generation, secrets by name only
  desired jsonb not null default '[]',
  current_release_id uuid,
  current_since timestamptz,
  -- Kept warm until then, for a rollback in under a second
  warm_release_id uuid,
  warm_until timestamptz,
  -- Last Observed, and when
  observed jsonb,
  observed_at timestamptz,
  created_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index environments_name on environments (project_id, name) where state <> 'deleted';
create unique index environments_port on environments (agent_id, port) where state <> 'deleted';
create index environments_homeless on environments (id) where agent_id is null and state = 'active';
create index environments_warm on environments (warm_until) where warm_until is not null;

create table secrets (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  -- null: for every environment and job of the project
  environment_id uuid references environments on delete cascade,
  name text not null,
  version integer not null default 1,
  ciphertext bytea not null,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  -- Not given to anything new; kept while a deployment could bring it back
  deleted_at timestamptz
);
create unique index secrets_name on secrets (project_id, coalesce(environment_id, '00000000-0000-0000-0000-000000000000'), name, version);

create table releases (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  repository_id uuid not null references repositories on delete cascade,
  run_id uuid references runs on delete set null,
  number integer not null,
  commit_sha text not null,
  branch text not null,
  artifact_digest text not null,
  artifact_size bigint not null,
  -- app: start command, health, drain
  app jsonb not null,
  created_at timestamptz not null default now(),
  unique (project_id, number)
);
create table deployments (
  id uuid primary key,
  project_id uuid not null references projects on delete cascade,
  environment_id uuid not null references environments on delete cascade,
  release_id uuid not null references releases,
  previous_release_id uuid references releases,
  job_id uuid references jobs on delete set null,
  strategy text not null check (strategy in ('recreate', 'blue-green')),
  -- deploy | rollback
  kind text not null,
  state text not null check (state in ('waiting', 'provisioning', 'rolling_out', 'paused', 'verifying', 'succeeded', 'rolling_back', 'rolled_back', 'failed', 'superseded', 'cancelled')),
  reason text,
  message text,
  -- Environment variables and secret versions as they were when it got hold of the environment; brought back by a rollback
  configuration jsonb not null,
  -- Target and previous release as placed, whether traffic has moved, why it is undone, requests counted; null: not begun
  rollout jsonb,
  generation integer,
  -- Deadline of the present state
  deadline timestamptz,
  receipt jsonb,
  created_by uuid references users on delete set null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz
);
-- No two deployments hold an environment at once
create unique index deployments_holding on deployments (environment_id)
  where state in ('provisioning', 'rolling_out', 'paused', 'verifying', 'rolling_back');
create index deployments_of_environment on deployments (environment_id, id desc);
create index deployments_of_job on deployments (job_id);
create index deployments_waiting on deployments (environment_id, id) where state = 'waiting';
create index deployments_deadline on deployments (deadline) where deadline is not null;
create index jobs_open_deploys on jobs (environment_id)
  where kind = 'deploy' and state in ('waiting', 'queued', 'assigned', 'running', 'cancelling');

-- Installation-wide values, e.g. whether the sample was made
create table settings (name text primary key, value jsonb not null);
`;
