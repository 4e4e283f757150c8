import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { aWorld } from '../deployments/testing/world.js';
import { EnvironmentTokens } from './environment-token.js';

let world: Awaited<ReturnType<typeof aWorld>>;

beforeAll(async () => {
  world = await aWorld();
  await world.reset();
});
afterAll(() => world.close());

it('opens the artifacts of what should run in its environment, for as long as it lives on that agent, and nothing else', async () => {
  const tokens = new EnvironmentTokens(world.database, randomBytes(32));
  const target = await world.anAgent();
  await world.push();
  await world.deployNext(target);
  const { id } = await world.environment();
  const digest = target.desired?.releases[0]?.artifact.digest ?? '';
  const token = tokens.issue(target.agentId, id);
  expect(tokens.issue(target.agentId, id)).toBe(token);
  expect(await tokens.mayFetch(token, digest)).toBe(true);
  expect(await tokens.mayFetch(token, 'f'.repeat(64))).toBe(false);
  expect(await tokens.mayFetch(tokens.issue(newId(), id), digest)).toBe(false);
  expect(await tokens.mayFetch(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, digest)).toBe(false);
  expect(await tokens.mayFetch(new EnvironmentTokens(world.database, randomBytes(32)).issue(target.agentId, id), digest)).toBe(false);
  expect(await tokens.mayFetch('env.', digest)).toBe(false);
  expect(await tokens.mayFetch('', digest)).toBeNull();
  await world.database.query(`update environments set desired = '[]'`);
  expect(await tokens.mayFetch(token, digest)).toBe(false);
});
