import type { MigrationInterface, QueryRunner } from 'typeorm';

/** External repositories and their mirrors, webhooks, pull requests, branch rules, tags, and statuses for the host. */
export class VersionControl1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SCHEMA);
  }

  async down(): Promise<void> {
    throw new Error('Mirrors and webhooks would be lost: restore a backup instead.');
  }
}

const SCHEMA = /* sql */ `
-- Where a repository lives: with Slipway (hosted), or at a code host of which the folder here is a mirror (external) ------
alter table repositories
  add column kind text not null default 'hosted' check (kind in ('hosted', 'external')),
  -- repositoryKey() of the external address: one spelling for all forms of an address
  add column address_key text;
create index repositories_by_address on repositories (address_key) where address_key is not null;

create table mirrors (
  repository_id uuid primary key references repositories on delete cascade,
  -- https://host/path or ssh://user@host:port/path; never holds a password
  url text not null,
  host text not null check (host in ('github', 'gitlab', 'gitea', 'bitbucket', 'bitbucket_server', 'other')),
  -- Of the host's HTTP API, for statuses and pull requests; null: there is none
  api_url text,
  credential_kind text not null default 'none' check (credential_kind in ('none', 'token', 'password', 'ssh_key')),
  username text,
  -- Sealed; a token, a password or a private key
  credential bytea,
  -- Public half of an ssh key, for people to copy
  public_key text,
  -- Lines of known_hosts as pinned at first use
  ssh_host_keys text,
  -- Sealed; the key of webhook signatures
  webhook_secret bytea not null,
  -- null: never polled
  poll_every_ms integer,
  next_poll_at timestamptz,
  -- One fetch at a time, over all servers
  fetcher_id uuid,
  fetcher_until timestamptz,
  -- Raised by whoever wants a fetch; a fetch that began at this number or later serves them
  wanted bigint not null default 0,
  served bigint not null default 0,
  imported_at timestamptz,
  fetched_at timestamptz,
  -- Since when and why fetching fails; null: the last fetch succeeded
  failing_since timestamptz,
  failures integer not null default 0,
  error_code text,
  error_message text,
  last_delivery_at timestamptz
);
create index mirrors_to_poll on mirrors (next_poll_at) where next_poll_at is not null;
create index mirrors_wanted on mirrors (repository_id) where wanted > served;

create table webhook_deliveries (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  -- The host's own id of the delivery; of the payload where the host gives none
  delivery_key text not null,
  event text not null,
  -- Only headers that say what this is; no signature, no token
  headers jsonb not null,
  payload bytea not null,
  received_at timestamptz not null default now(),
  state text not null check (state in ('received', 'handled', 'ignored', 'failed')),
  -- What it brought about, or why nothing, for people
  answer text,
  handled_at timestamptz,
  times integer not null default 1,
  unique (repository_id, delivery_key)
);
create index webhook_deliveries_of_repository on webhook_deliveries (repository_id, id desc);
create index webhook_deliveries_open on webhook_deliveries (received_at) where state = 'received';

create table pull_requests (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  number integer not null,
  title text not null,
  author text not null,
  url text,
  state text not null check (state in ('open', 'closed', 'merged')),
  source_branch text not null,
  -- Where the source branch is when it is not in this repository
  source_repository text,
  is_fork boolean not null,
  base_branch text not null,
  head_sha text not null,
  -- Of the base branch that merge_sha was made with
  base_sha text,
  -- What is built: the head merged into the base; null: not made yet, or not possible
  merge_sha text,
  merge_state text not null default 'unknown' check (merge_state in ('unknown', 'clean', 'conflict')),
  conflicts text[] not null default '{}',
  -- A fork's commit that somebody has allowed to run; another commit needs another approval
  approved_sha text,
  approved_by uuid references users on delete set null,
  approved_at timestamptz,
  opened_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  unique (repository_id, number)
);
create index pull_requests_open on pull_requests (repository_id, base_branch) where state = 'open';

create table tags (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  name text not null,
  -- The commit; of an annotated tag the one it points at
  sha text not null,
  updated_at timestamptz not null default now(),
  unique (repository_id, name)
);

create table branch_rules (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  -- As in pipelines: * stays within a slash, ** does not
  pattern text not null,
  -- The least role that may push to it and merge into it; null: nobody, only merges of others' work
  push_role text check (push_role in ('developer', 'deployer', 'admin')),
  allow_force boolean not null default false,
  allow_delete boolean not null default false,
  -- Jobs that must have succeeded at the commit to be merged
  required_jobs text[] not null default '{}',
  -- Environments that its commits may go to; null: any
  environments text[],
  created_at timestamptz not null default now(),
  unique (repository_id, pattern)
);

-- Told to the host: the newest state of each context of a commit wins -----------------------------------------------------
create table commit_statuses (
  id uuid primary key,
  repository_id uuid not null references repositories on delete cascade,
  sha text not null,
  context text not null,
  state text not null check (state in ('pending', 'running', 'success', 'failure', 'error', 'cancelled')),
  description text not null,
  run_id uuid references runs on delete set null,
  -- Grows with each change; what the host has been told
  version integer not null default 1,
  sent_version integer not null default 0,
  tries integer not null default 0,
  next_try_at timestamptz not null default now(),
  error text,
  updated_at timestamptz not null default now(),
  unique (repository_id, sha, context)
);
create index commit_statuses_unsent on commit_statuses (next_try_at) where version > sent_version;

-- Pushes say why they started a run or not; runs say what ref they are of ----------------------------------------------------
alter table pushes
  -- push: somebody's · fetch: seen at the host · import: there when the repository was added
  add column cause text not null default 'push' check (cause in ('push', 'fetch', 'import')),
  add column forced boolean not null default false,
  -- null: a run was started; else a stable code and a sentence for people
  add column no_run_code text,
  add column no_run_message text;
create index pushes_of_ref on pushes (repository_id, ref, id desc);

alter table runs
  -- refs/heads/…, refs/tags/… or refs/pull/<number>/merge; null in old rows: the branch
  add column ref text,
  -- The commit that people know it by, when commit_sha is a merge made for it
  add column head_sha text,
  add column pull_request_id uuid references pull_requests on delete set null,
  -- False: a fork's code, which gets no secret and deploys nothing
  add column trusted boolean not null default true;
create index runs_of_pull_request on runs (pull_request_id, id desc) where pull_request_id is not null;
create index runs_of_commit on runs (repository_id, commit_sha);
create index runs_of_head on runs (repository_id, head_sha) where head_sha is not null;
create index releases_of_commit on releases (repository_id, commit_sha);
create index deployments_of_release on deployments (release_id);
`;
