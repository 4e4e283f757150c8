import { readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from '@nats-io/nkeys';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newId } from '../../platform/ids.js';
import { type TestDatabase, testDatabase } from '../../testing/database.js';
import { leaveEnrolmentToken } from './embedded-agent.js';
import { createEnrolmentToken, enrolAgent } from './enrol-agent.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const aKey = () => createUser().getPublicKey();
const aToken = () => createEnrolmentToken(database, 'test', null);

describe('enrolling an agent', () => {
  it('takes a token once; the same key may say it again, after a crash, and is the same agent', async () => {
    const [token, publicKey] = [await aToken(), aKey()];
    const id = await enrolAgent(database, { token, name: 'yard', publicKey });
    expect(await enrolAgent(database, { token, name: 'yard', publicKey })).toBe(id);
    await expect(enrolAgent(database, { token, name: 'thief', publicKey: aKey() })).rejects.toMatchObject({ code: 'bad_enrolment_token' });
  });

  it('gives one of two agents that bring one token at the same moment its place', async () => {
    const token = await aToken();
    const both = await Promise.allSettled([aKey(), aKey()].map((publicKey) => enrolAgent(database, { token, name: 'twin', publicKey })));
    expect(both.map((one) => one.status).sort()).toEqual(['fulfilled', 'rejected']);
  });

  it('refuses an unknown token, an expired one, and the key of an agent that was revoked', async () => {
    const refused = { code: 'bad_enrolment_token', kind: 'unauthenticated' };
    await expect(enrolAgent(database, { token: 'guess', name: 'a', publicKey: aKey() })).rejects.toMatchObject(refused);
    const old = await aToken();
    await database.query(`update enrolment_tokens set expires_at = now() - interval '1 s' where used_at is null`);
    await expect(enrolAgent(database, { token: old, name: 'a', publicKey: aKey() })).rejects.toMatchObject(refused);
    const publicKey = aKey();
    const id = await enrolAgent(database, { token: await aToken(), name: 'gone', publicKey });
    await database.query('update agents set revoked_at = now() where id = $1', [id]);
    await expect(enrolAgent(database, { token: await aToken(), name: 'gone', publicKey })).rejects.toMatchObject({ code: 'agent_revoked' });
  });

  it('numbers an agent whose name is taken', async () => {
    const name = `host-${newId().slice(-6)}`;
    const ids = [];
    for (let n = 0; n < 2; n++) ids.push(await enrolAgent(database, { token: await aToken(), name, publicKey: aKey() }));
    const rows = await database.query<{ name: string }>('select name from agents where id = any($1) order by id', [ids]);
    expect(rows.map((row) => row.name)).toEqual([name, `${name}-2`]);
  });

  it('leaves the local agent a token that nobody else can read', async () => {
    const file = join(tmpdir(), `slipway-token-${newId()}`);
    await leaveEnrolmentToken(database, file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await enrolAgent(database, { token: await readFile(file, 'utf8'), name: 'local', publicKey: aKey() });
    await rm(file);
  });
});
