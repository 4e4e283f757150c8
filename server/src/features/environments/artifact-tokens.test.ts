import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { aWorld } from '../deployments/testing/world.js';
import { ArtifactTokens } from './artifact-tokens.js';

let world: Awaited<ReturnType<typeof aWorld>>;

beforeAll(async () => {
  world = await aWorld();
  await world.reset();
});
afterAll(() => world.close());

it('opens the artifacts of what should run in its environment, for as long as it lives on that agent, and nothing else', async () => {
  const tokens = new ArtifactTokens(world.database, randomBytes(32));
  const target = await world.anAgent();
  await world.push();
  await world.deployNext(target);
  const { id } = await world.environment();
  const digest = target.desired?.releases[0]?.artifact.digest ?? '';
  const token = tokens.make(target.agentId, id);
  expect(tokens.make(target.agentId, id)).toBe(token);
  expect(await tokens.mayFetch(token, digest)).toBe(true);
  expect(await tokens.mayFetch(token, 'f'.repeat(64))).toBe(false);
  expect(await tokens.mayFetch(tokens.make(newId(), id), digest)).toBe(false);
  expect(await tokens.mayFetch(`${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`, digest)).toBe(false);
  expect(await tokens.mayFetch(new ArtifactTokens(world.database, randomBytes(32)).make(target.agentId, id), digest)).toBe(false);
  expect(await tokens.mayFetch('', digest)).toBe(false);
  await world.database.query(`update environments set state = 'deleting'`);
  expect(await tokens.mayFetch(token, digest)).toBe(false);
});
