import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../eventually.js';
import { Installation } from '../installation.js';

/** A script of somebody who has curl and a token, on a newcomer's installation. */
describe('REST v1 by curl', () => {
  let installation: Installation;
  let repoUrl: string;

  beforeAll(async () => {
    installation = await Installation.create();
    repoUrl = `${installation.url}/git/sample/hello.git`;
    await eventually('the first run', 60_000, async () => (await installation.api.runs('sample'))[0]?.state === 'SUCCEEDED');
  });
  afterAll(() => installation?.destroy());

  type Answer = { status: number; body: Record<string, unknown> };

  /** As curl does it: unlike `fetch`, GET may have a body. */
  async function curl(
    method: string,
    path: string,
    { body, token = installation.token }: { body?: unknown; token?: string | null } = {},
  ): Promise<Answer> {
    const sentBody = body === undefined ? '' : JSON.stringify(body);
    const headers = {
      ...(token === null ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(sentBody) }),
    };
    const sent = request(`${installation.url}/api/v1${path}`, { method, headers });
    sent.end(sentBody);
    const [response] = (await once(sent, 'response')) as [IncomingMessage];
    return { status: response.statusCode ?? 0, body: (await json(response)) as Answer['body'] };
  }
  const query = (fields: Record<string, string>) => `?${new URLSearchParams(fields)}`;

  it('tells of a repository, and makes a branch in it', async () => {
    const made = await curl('POST', '/repo/branch', { body: { repo_url: repoUrl, branch_name: 'from-rest' } });
    expect(made.body).toMatchObject({ message: expect.any(String), branch_name: 'from-rest' });
    const details = await curl('GET', `/repo/details${query({ repo_url: repoUrl })}`);
    expect(details).toMatchObject({
      status: 200,
      body: { repo_name: 'hello', owner: expect.any(String), branches: ['from-rest', 'main'] },
    });
    expect((await curl('GET', '/repo/details', { body: { repo_url: repoUrl } })).body).toEqual(details.body);
  });

  it('runs tests, and tells of their results', async () => {
    const { body } = await curl('POST', '/tests/trigger', { body: { repo_url: repoUrl, branch_name: 'main', test_type: 'unit' } });
    expect(body).toMatchObject({ message: expect.any(String), test_id: expect.any(String) });
    const results = await eventually('the results', 60_000, async () => {
      const answer = await curl('GET', `/tests/results${query({ test_id: String(body.test_id) })}`);
      return answer.body.status === 'passed' ? answer : undefined;
    });
    expect(results.body).toMatchObject({ test_id: body.test_id, coverage: null, details: expect.anything() });
  });

  it('makes an environment, deploys a branch to it, and takes it away', async () => {
    const config = { cpu: 1, memory: 0.5, storage: 1 };
    const made = await curl('POST', '/environments', { body: { project_id: 'sample', env_name: 'from-rest', config } });
    const envId = made.body.env_id;
    expect(made.body).toMatchObject({ message: expect.any(String), env_id: expect.any(String) });
    const deployed = await curl('POST', '/deployments', { body: { repo_url: repoUrl, branch_name: 'main', env_id: envId } });
    expect(deployed.body).toMatchObject({ message: expect.any(String), deployment_id: expect.any(String) });
    const at = query({ deployment_id: String(deployed.body.deployment_id) });
    const seen = new Set<unknown>();
    await eventually('the deployment', 90_000, async () => {
      const { body } = await curl('GET', `/deployments/status${at}`);
      seen.add(body.status);
      return body.status === 'completed';
    });
    expect([...seen].every((status) => ['waiting', 'in-progress', 'completed'].includes(String(status)))).toBe(true);
    const environment = await installation.api.environment('sample', 'from-rest');
    expect((await fetch(`http://127.0.0.1:${environment.port}/`)).status).toBe(200);
    await eventually(
      'the environment to be free',
      30_000,
      async () => (await curl('DELETE', '/environments', { body: { env_id: envId } })).status === 200,
    );
  });

  it.each<[string, string, string, unknown, number]>([
    ['GET', '/repo/details', 'not named', undefined, 400],
    ['GET', `/repo/details${query({ repo_url: 'https://nowhere.test/a/b' })}`, 'unknown', undefined, 404],
    ['POST', '/repo/branch', 'of a wrong type', { repo_url: 1, branch_name: [] }, 400],
    ['GET', `/tests/results${query({ test_id: 'x' })}`, 'unknown', undefined, 404],
    [
      'POST',
      '/environments',
      'with a limit that is none',
      { project_id: 'sample', env_name: 'x', config: { cpu: -1, memory: 1, storage: 1 } },
      400,
    ],
    ['GET', `/deployments/status${query({ deployment_id: '00000000-0000-4000-8000-000000000000' })}`, 'unknown', undefined, 404],
  ])('%s %s of something %s is refused with what to do', async (method, path, _what, body, status) => {
    const answer = await curl(method, path, { body });
    expect(answer.status).toBe(status);
    expect(answer.body).toEqual({ error: { code: expect.any(String), message: expect.stringMatching(/.{20,}/) } });
    expect(await curl(method, path, { body, token: null })).toMatchObject({ status: 401, body: { error: { code: 'unauthenticated' } } });
  });

  it('is described in OpenAPI, and in words', async () => {
    const api = (await (await fetch(`${installation.url}/api/v1/openapi.json`)).json()) as { openapi: string; paths: object };
    expect(api.openapi).toMatch(/^3\.1/);
    expect(Object.keys(api.paths)).toHaveLength(7);
    const page = await fetch(`${installation.url}/api/v1/`);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await page.text()).toContain('/api/v1/deployments/status');
  });
});
