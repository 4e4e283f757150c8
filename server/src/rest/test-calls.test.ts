import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { anAgent } from '../testing/builders.js';
import { builtOnly, shipped } from './testing/pipelines.js';
import { type RestServer, serveRest } from './testing/serve-rest.js';

let rest: RestServer;
beforeAll(async () => {
  rest = await serveRest();
});
beforeEach(() => rest.reset());
afterAll(() => rest.close());

const trigger = (fields: Record<string, unknown>, token?: string) =>
  rest.post(
    '/tests/trigger',
    { repo_url: rest.known.repoUrl, branch_name: 'main', test_type: 'unit', ...fields },
    token === undefined ? {} : { token },
  );
const results = (test_id: string, token?: string) => rest.get('/tests/results', { test_id }, token === undefined ? {} : { token });
const withoutPushes = { '.slipway.yml': `on: [manual]\n${shipped()['.slipway.yml']}` };

/** An agent does the next job, with these test cases. */
async function work(agentId: string, cases: { name: string; state: string; message?: string }[], passed = true): Promise<void> {
  const next = await rest.world.take(agentId);
  if (!next) throw new Error('No job is offered to this agent.');
  for (const { name, state, message } of cases) {
    await rest.database.query(
      `insert into test_cases (job_id, attempt_id, suite, name, state, message) select job_id, id, 'suite', $2, $3, $4 from attempts where id = $1`,
      [next.attempt, name, state, message ?? null],
    );
  }
  const failed = { kind: 'failed', reason: 'step', message: 'Step 1 failed.', step: 'make test', exitCode: 1 } as const;
  await rest.world.finish(agentId, next, passed ? { kind: 'passed' } : failed);
}

describe('POST tests/trigger', () => {
  it('starts a run of the tests of that type and what they need, and nothing else', async () => {
    const sha = await rest.push('main', withoutPushes);
    const answer = await trigger({});
    expect(answer.status).toBe(201);
    expect(answer.body.message).toBe('Run #1 was started with a unit test job of "main".');
    const jobs = await rest.database.query('select name, state from jobs where run_id = $1 order by position', [answer.body.test_id]);
    expect(jobs).toEqual([
      { name: 'build', state: 'queued' },
      { name: 'unit', state: 'waiting' },
    ]);
    expect(await rest.database.query('select trigger, triggered_by, commit_sha, partial from runs')).toEqual([
      { trigger: 'manual', triggered_by: rest.world.at.userId, commit_sha: sha, partial: true },
    ]);
  });

  it('says what to add where the pipeline has no such tests', async () => {
    await rest.push('main', withoutPushes);
    const answer = await trigger({ test_type: 'e2e' });
    expect(answer).toMatchObject({ status: 409, code: 'no_such_tests' });
    expect(answer.message).toContain(
      'has only test jobs of type unit. Give a job in .slipway.yml the keys "kind: test" and "test-type: e2e"',
    );
    await rest.push('bare', builtOnly);
    expect((await trigger({ branch_name: 'bare' })).message).toContain('has no test jobs.');
  });

  it('refuses an unknown branch, a pipeline that is wrong, and one that is not to be started by hand', async () => {
    await rest.push('broken', { '.slipway.yml': 'jobs: 5' });
    await rest.push('pushed', { '.slipway.yml': `on: push\n${shipped()['.slipway.yml']}` });
    expect(await trigger({ branch_name: 'nothing' })).toMatchObject({ status: 404, code: 'branch_not_found' });
    const broken = await trigger({ branch_name: 'broken' });
    expect(broken).toMatchObject({ status: 409, code: 'pipeline_invalid' });
    expect(broken.message).toContain('.slipway.yml, line 1: ');
    expect(await trigger({ branch_name: 'pushed' })).toMatchObject({ status: 409, code: 'manual_not_allowed' });
  });

  it.each([
    [{ repo_url: 1 }, '"repo_url" is 1.'],
    [{ branch_name: [] }, '"branch_name" is a list.'],
    [{ branch_name: 'x'.repeat(300) }, '"branch_name" is "xxx'],
    [{ test_type: 'smoke' }, '"test_type" is "smoke". It must be unit, integration or e2e.'],
    [{ test_type: null }, '"test_type" is null.'],
    [{ project_id: 4 }, '"project_id" is 4.'],
  ])('refuses %j', async (fields, message) => {
    const answer = await trigger(fields);
    expect(answer).toMatchObject({ status: 400, code: 'bad_input' });
    expect(answer.message).toContain(message);
  });

  it('needs the right to start runs', async () => {
    await rest.push('main', withoutPushes);
    expect(await trigger({}, await rest.tokenFor('viewer'))).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await trigger({}, await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'repository_not_found' });
  });
});

describe('GET tests/results', () => {
  it('follows a test run from the queue to its failed cases', async () => {
    await rest.push('main', withoutPushes);
    const agent = await anAgent(rest.database);
    const id = (await trigger({})).body.test_id as string;
    const queued = await results(id);
    expect(queued).toMatchObject({
      status: 200,
      body: { test_id: id, status: 'queued', coverage: null, details: { passed: 0, failed: 0 } },
    });
    await work(agent, []);
    expect(await results(id)).toMatchObject({ body: { status: 'running' } });
    await work(
      agent,
      [
        { name: 'adds', state: 'passed' },
        { name: 'divides', state: 'failed', message: 'By zero.' },
        { name: 'later', state: 'skipped' },
      ],
      false,
    );
    const { body } = await results(id);
    expect(body).toMatchObject({ status: 'failed', coverage: null });
    expect(body.details).toEqual({
      summary: '1 passed, 1 failed, 1 skipped.',
      passed: 1,
      failed: 1,
      skipped: 1,
      failed_tests: [{ job: 'unit', suite: 'suite', name: 'divides', file: null, message: 'By zero.' }],
      jobs: [
        { name: 'build', kind: 'build', state: 'succeeded', message: null },
        { name: 'unit', kind: 'test', state: 'failed', message: 'Step 1 failed.' },
      ],
      branch: 'main',
      commit: expect.stringMatching(/^[0-9a-f]{40}$/),
      link: `${rest.origin}/runs/${id}`,
    });
  });

  it('says passed when all did, and invalid of a run whose pipeline could not be read', async () => {
    const agent = await anAgent(rest.database);
    await rest.push('main', withoutPushes);
    const id = (await trigger({})).body.test_id as string;
    await work(agent, []);
    await work(agent, [{ name: 'adds', state: 'passed' }]);
    expect(await results(id)).toMatchObject({ body: { status: 'passed', details: { summary: '1 passed, 0 failed, 0 skipped.' } } });
    await rest.push('broken', { '.slipway.yml': 'jobs: 5' });
    const [run] = await rest.database.query<{ id: string }>(`select id from runs where branch = 'broken'`);
    expect(await results(run?.id ?? '')).toMatchObject({ body: { status: 'invalid' } });
  });

  it('finds only what is there and may be seen', async () => {
    await rest.push('main', withoutPushes);
    const id = (await trigger({})).body.test_id as string;
    for (const unknown of ['0198f3c2-6d1e-7a34-9b0c-5f2e8d71a640', 'nothing'])
      expect(await results(unknown)).toMatchObject({ status: 404, code: 'test_not_found' });
    expect(await results(id, await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'test_not_found' });
    expect(await results(id, await rest.tokenFor('viewer'))).toMatchObject({ status: 200 });
    expect(await rest.call('/tests/results', 'GET', { body: { test_id: 5 } })).toMatchObject({ status: 400, code: 'bad_input' });
    expect(await rest.call('/tests/results', 'GET', { body: { test_id: id } })).toMatchObject({ status: 200 });
  });
});
