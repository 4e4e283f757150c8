import { Validator } from '@seriousme/openapi-schema-validator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CONTENT_SECURITY_POLICY } from '../platform/http/security-headers.js';
import type { OpenApi } from './open-api.js';
import { type RestServer, serveRest } from './testing/serve-rest.js';

let rest: RestServer;
beforeAll(async () => {
  rest = await serveRest();
});
afterAll(() => rest.close());

const description = async () => (await (await fetch(`${rest.origin}/api/v1/openapi.json`)).json()) as OpenApi;

it('is described by valid OpenAPI 3.1, for whoever asks', async () => {
  const validator = new Validator();
  expect(await validator.validate((await description()) as unknown as Record<string, unknown>)).toEqual({ valid: true });
  expect(validator.version).toBe('3.1');
  const { openapi: _version, ...broken } = await description();
  expect((await new Validator().validate(broken)).valid).toBe(false);
});

it('describes every call with its fields, and what it may refuse', async () => {
  const { paths } = await description();
  const calls = Object.entries(paths).flatMap(([path, methods]) => Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`));
  expect(calls).toEqual([
    'GET /api/v1/repo/details',
    'POST /api/v1/repo/branch',
    'POST /api/v1/tests/trigger',
    'GET /api/v1/tests/results',
    'POST /api/v1/environments',
    'DELETE /api/v1/environments',
    'POST /api/v1/deployments',
    'GET /api/v1/deployments/status',
  ]);
  const deploy = paths['/api/v1/deployments']?.post;
  expect(deploy?.requestBody?.content['application/json'].schema).toMatchObject({
    required: ['repo_url', 'branch_name', 'env_id'],
    additionalProperties: false,
  });
  expect(Object.keys(deploy?.responses ?? {})).toEqual(expect.arrayContaining(['201', '400', '401', '403', '404', '409']));
  expect(paths['/api/v1/tests/results']?.get?.parameters).toMatchObject([{ name: 'test_id', in: 'query', required: true }]);
});

it('is readable as one page without anything that its security policy forbids', async () => {
  for (const path of ['/api/v1/', '/api/v1']) {
    const answer = await fetch(`${rest.origin}${path}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('text/html');
    expect(answer.headers.get('content-security-policy')).toBe(CONTENT_SECURITY_POLICY);
    const page = await answer.text();
    expect(page).not.toMatch(/<script|<link|<img|style="|\son\w+=|@import|url\(/);
    expect(page).toContain(`${rest.origin}/api/v1/deployments/status`);
    expect(page).toContain('config.memory');
    expect(page).not.toMatch(/undefined|\[object Object\]/);
  }
});
