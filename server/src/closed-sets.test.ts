import { JOB_KINDS } from '@slipway/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { JOB_STATES } from './build/jobs/job-state.js';
import { STRATEGIES } from './build/pipelines/pipeline.js';
import { DEPLOYMENT_STATES } from './deliver/deployments/deployment-state.js';
import type { Database } from './platform/database.js';
import { HOST_SOFTWARE } from './source/code-hosts/host-kinds.js';
import { STATUS_STATES } from './source/code-hosts/status.js';
import { CREDENTIAL_KINDS } from './source/mirrors/credential.js';
import { MERGE_STATES, PULL_REQUEST_STATES } from './source/pull-requests/pull-request.js';
import { testDatabase } from './testing/database.js';

let database: Database & { close(): Promise<void> };

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

it.each([
  ['jobs', 'kind', JOB_KINDS],
  ['jobs', 'state', JOB_STATES],
  ['deployments', 'strategy', STRATEGIES],
  ['deployments', 'state', DEPLOYMENT_STATES],
  ['mirrors', 'host', HOST_SOFTWARE],
  ['mirrors', 'credential_kind', CREDENTIAL_KINDS],
  ['pull_requests', 'state', PULL_REQUEST_STATES],
  ['pull_requests', 'merge_state', MERGE_STATES],
  ['commit_statuses', 'state', STATUS_STATES],
])('Postgres takes for %s.%s what the code knows, and nothing else', async (table, column, words) => {
  const [check] = await database.query<{ definition: string }>(
    `select pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = $1::regclass and contype = 'c' and pg_get_constraintdef(oid) like 'CHECK ((' || $2 || ' = ANY%'`,
    [table, column],
  );
  const allowed = [...(check?.definition ?? '').matchAll(/'([^']+)'::text/g)].map(([, word]) => word);
  expect(allowed.toSorted()).toEqual([...words].toSorted());
});
