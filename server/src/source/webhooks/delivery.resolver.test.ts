import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { setProjectRole } from '../../people/access/project-role.js';
import { newId } from '../../platform/ids.js';
import { sqlOf, testGraph } from '../../testing/graphql.js';
import { aPush } from '../code-hosts/github/testing/payloads.js';
import { DeliveryQueries } from './delivery.queries.js';
import { WebhookDeliveryResolver } from './delivery.resolver.js';
import { redeliver } from './redeliver.js';
import { from, webhookWorld } from './testing/webhook-world.js';

let world: Awaited<ReturnType<typeof webhookWorld>>;
let graph: ReturnType<typeof testGraph>;
let at: Awaited<ReturnType<typeof world.anExternalRepository>>;
let admin: { userId: string; isAdmin: boolean };

beforeAll(async () => {
  world = await webhookWorld();
  const { database } = world;
  graph = testGraph(database, [
    new WebhookDeliveryResolver({ queries: new DeliveryQueries(database), redeliver: (id, userId) => redeliver(database, id, userId) }),
  ]);
});
afterAll(() => world.close());
beforeEach(async () => {
  at = await world.anExternalRepository();
  admin = { userId: at.userId, isAdmin: false };
});

const LIST = `query ($id: ID!, $first: Int, $after: String) { webhookDeliveries(repositoryId: $id, first: $first, after: $after) {
  edges { node { id host event deliveryKey times state answer receivedAt handledAt headers payload { text truncated bytes } } }
  pageInfo { hasNextPage endCursor } } }`;
type Page = { edges: { node: Record<string, unknown> & { id: string } }[]; pageInfo: { hasNextPage: boolean; endCursor: string } };

async function list(variables: Record<string, unknown> = {}): Promise<Page> {
  const { data, errors } = await graph.run(admin, LIST, { id: at.repositoryId, ...variables });
  expect(errors).toEqual([]);
  return data?.webhookDeliveries as Page;
}
const push = (over = {}) => world.post(at.repositoryId, ...from.github('push', aPush(over)));

describe('deliveries over GraphQL', () => {
  it('are listed newest first with payload and headers, at a cost that does not grow with their number', async () => {
    await push({ ref: 'refs/heads/größe' });
    const one = await sqlOf(world.database, () => list());
    await push();
    await world.post(at.repositoryId, ...from.gitlab('Issue Hook', { note: 'x' }));
    const three = await sqlOf(world.database, () => list());
    expect(three.length).toBe(one.length);
    const { edges, pageInfo } = await list({ first: 2 });
    expect(edges.map(({ node }) => `${node.host} ${node.event} ${node.state}`)).toEqual([
      'gitlab Issue Hook IGNORED',
      'github push RECEIVED',
    ]);
    expect(edges[0]?.node).toMatchObject({
      payload: { text: '{\n  "note": "x"\n}', truncated: false, bytes: 12 },
      headers: { 'x-gitlab-event': 'Issue Hook' },
      answer: 'Slipway does not need "Issue Hook" events. The host need not send them.',
      times: 1,
    });
    const rest = await list({ after: pageInfo.endCursor });
    expect([pageInfo.hasNextPage, rest.edges.length, rest.pageInfo.hasNextPage]).toEqual([true, 1, false]);
    expect(JSON.stringify(rest)).toContain('refs/heads/größe');
  });

  it('show only the beginning of a long payload', async () => {
    const { delivery } = await push({ padding: 'x'.repeat(2 * 1024 * 1024) });
    const { data } = await graph.run(admin, 'query ($id: ID!) { webhookDelivery(id: $id) { payload { text truncated bytes } } }', {
      id: delivery,
    });
    const found = data?.webhookDelivery as { payload: { text: string; truncated: boolean; bytes: number } } | undefined;
    const payload = found?.payload ?? expect.fail('no payload');
    expect([payload.truncated, payload.text.length]).toEqual([true, 256 * 1024]);
    expect(payload.bytes).toBeGreaterThan(2 * 1024 * 1024);
  });

  it('are delivered again by who manages the repository, which others learn of', async () => {
    const { delivery } = await world.post(at.repositoryId, ...from.github('star', {}));
    const changed: string[] = [];
    const forget = world.database.onChanged((key) => changed.push(key));
    const { data, errors } = await graph.run(admin, 'mutation ($id: ID!) { redeliver(id: $id) { id state answer } }', { id: delivery });
    forget();
    expect([errors, data?.redeliver]).toEqual([[], { id: delivery, state: 'RECEIVED', answer: null }]);
    expect(changed).toContain(`repository.${at.repositoryId}`);
  });

  it('are not for developers, and not there for strangers', async () => {
    const { delivery } = await push();
    const codes = async (userId: string, query: string, id: unknown) =>
      (await graph.run({ userId, isAdmin: false }, query, { id })).errors.map(({ extensions }) => extensions?.code);
    const [stranger, developer] = [await aUser(), await aUser()];
    await world.database.transaction((tx) => setProjectRole(tx, { projectId: at.projectId, userId: developer, role: 'developer' }));
    const asked: [string, unknown, string][] = [
      [LIST, at.repositoryId, 'repository_not_found'],
      ['query ($id: ID!) { webhookDelivery(id: $id) { id } }', delivery, 'webhook_delivery_not_found'],
      ['mutation ($id: ID!) { redeliver(id: $id) { id } }', delivery, 'webhook_delivery_not_found'],
    ];
    for (const [query, id, code] of asked) {
      expect(await codes(developer, query, id)).toEqual(['forbidden']);
      expect(await codes(stranger, query, id)).toEqual([code]);
    }
  });

  it('cost too much with the payloads of a hundred', async () => {
    const { errors } = await graph.run(admin, LIST, { id: at.repositoryId, first: 100 });
    expect(errors[0]?.extensions?.code).toBe('too_costly');
  });
});

async function aUser(): Promise<string> {
  const id = newId();
  await world.database.query('insert into users (id, name, email) values ($1, $2, $3)', [id, 'Grace', `${id}@example.test`]);
  return id;
}
