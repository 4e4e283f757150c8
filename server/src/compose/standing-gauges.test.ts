import { Registry } from 'prom-client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anInstance, anObservation, aPlacedRelease } from '../deliver/deployments/testing/builders.js';
import { jsonb } from '../platform/storable.js';
import { anAgent, aRepository } from '../testing/builders.js';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { standingGauges } from './standing-gauges.js';

let database: TestDatabase;
let registry: Registry;
const warnings: unknown[] = [];

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());
beforeEach(() => {
  registry = new Registry();
  for (const gauge of standingGauges(database, { warn: (...what: unknown[]) => void warnings.push(what) })) registry.registerMetric(gauge);
});

const lines = async () => (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));

describe('what stands still', () => {
  it('is counted: mirrors by state, unsent statuses, the oldest delivery', async () => {
    const { repositoryId: id } = await aRepository(database);
    await database.query(
      `insert into mirrors (repository_id, url, host, webhook_secret, fetched_at, failing_since, error_code) values ($1, 'https://git.example/a/b', 'other', 'x', now(), now(), 'unreachable')`,
      [id],
    );
    await database.query(
      `insert into commit_statuses (id, repository_id, sha, context, state, description, error) values (gen_random_uuid(), $1, 'a', 'b', 'success', 'c', 'The host answered 401')`,
      [id],
    );
    await database.query(
      `insert into webhook_deliveries (id, repository_id, delivery_key, event, headers, payload, state, received_at) values (gen_random_uuid(), $1, 'k', 'push', '{}', 'x', 'received', now() - interval '90 s')`,
      [id],
    );
    const found = await lines();
    expect(found).toContain('slipway_mirrors{state="stale",code="unreachable"} 1');
    expect(found).toContain('slipway_commit_statuses_unsent{state="waiting"} 0');
    expect(found).toContain('slipway_commit_statuses_unsent{state="failing"} 1');
    expect(
      Number(found.find((line) => line.startsWith('slipway_webhook_deliveries_waiting_seconds'))?.split(' ')[1]),
    ).toBeGreaterThanOrEqual(90);
    await database.query('update mirrors set failing_since = null, error_code = null');
    expect((await lines()).filter((line) => line.startsWith('slipway_mirrors'))).toEqual(['slipway_mirrors{state="fresh",code=""} 1']);
  });

  it('tells how the application in each environment is doing', async () => {
    const live = aPlacedRelease('live', { weight: 100 });
    const agent = await anAgent(database);
    const environments = [
      ['production', { phase: 'failed', error: { code: 'port_in_use', message: 'Port 20000 is taken.', releaseId: null } }],
      ['staging', {}],
    ] as const;
    const { projectId } = await aRepository(database);
    await database.query(`update projects set name = 'shop' where id = $1`, [projectId]);
    for (const [name, over] of environments)
      await database.query(
        `insert into environments (id, project_id, name, state, agent_id, generation, desired, observed) values (gen_random_uuid(), $1, $2, 'active', $3, 1, $4, $5)`,
        [projectId, name, agent, jsonb([live]), jsonb(anObservation({ ...over, instances: [anInstance(live.releaseId)] }))],
      );
    expect((await lines()).filter((line) => line.startsWith('slipway_environment_health')).sort()).toEqual([
      'slipway_environment_health{project="shop",environment="production",health="unhealthy"} 1',
      'slipway_environment_health{project="shop",environment="staging",health="healthy"} 1',
    ]);
  });

  it('is left out while Postgres is away, and the other metrics are there', async () => {
    const away = { query: () => Promise.reject(new Error('away')) } as unknown as TestDatabase;
    const other = new Registry();
    for (const gauge of standingGauges(away, { warn: (...what: unknown[]) => void warnings.push(what) })) other.registerMetric(gauge);
    expect(await other.metrics()).toContain('# TYPE slipway_mirrors gauge');
    expect(warnings).toHaveLength(5);
  });
});
