import { afterAll, beforeAll, expect, it } from 'vitest';
import { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { testDatabase } from '../../testing/database.js';
import type { Actor } from './actor.js';
import { Authenticator } from './authenticator.js';
import { ensureAdmin } from './ensure-admin.js';
import { SESSION_COOKIE } from './session.js';
import { setPassword } from './set-password.js';
import { SignIn } from './sign-in.js';
import { createSignInLink } from './sign-in-link.js';
import { createToken, revokeToken } from './token.js';

const PASSWORD = 'correct horse battery';
let database: Database & { close(): Promise<void> };
let authenticator: Authenticator;
const changes = new Changes();

beforeAll(async () => {
  database = await testDatabase();
  authenticator = new Authenticator(database, changes);
  database.onChanged((key) => changes.emit(key));
});
afterAll(() => database.close());

async function aUser(password?: string): Promise<Actor & { email: string }> {
  const userId = newId();
  const email = `${userId}@example.test`;
  await database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace', email]);
  const actor = { userId, isAdmin: false, email };
  if (password) await setPassword(database, actor, { current: null, password });
  return actor;
}

const bySession = (secret: string) => authenticator.byHeaders({ cookie: `theme=dark; ${SESSION_COOKIE}=${secret}` });
const basic = (password: string) => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;

it('opens a session for the right password, however the e-mail is written, and stores neither', async () => {
  const user = await aUser(PASSWORD);
  const { sessionSecret } = await new SignIn(database).signIn({ email: ` ${user.email.toUpperCase()} `, password: PASSWORD, address: 'a' });
  expect(await bySession(sessionSecret)).toMatchObject({ userId: user.userId, credential: { kind: 'session' } });
  const [row] = await database.query<{ all: string }>(
    'select json_agg(u)::text || (select json_agg(s)::text from sessions s) as all from users u',
  );
  expect(row?.all).not.toContain(PASSWORD);
  expect(row?.all).not.toContain(sessionSecret);
});

it('tells a wrong password and an unknown user apart neither by its words nor by its code', async () => {
  const user = await aUser(PASSWORD);
  const signIn = new SignIn(database);
  const refused = (email: string) =>
    signIn.signIn({ email, password: 'wrong password', address: 'b' }).catch((error: unknown) => String(error));
  expect(await refused(user.email)).toBe(await refused('nobody@example.test'));
});

it('stops listening after ten failures, to the right password too, and listens again later', async () => {
  const user = await aUser(PASSWORD);
  let nowMs = 0;
  const signIn = new SignIn(database, () => nowMs);
  for (let i = 0; i < 10; i++) {
    await expect(signIn.signIn({ email: user.email, password: 'wrong password', address: `c${i}` })).rejects.toMatchObject({
      code: 'wrong_credentials',
    });
  }
  const right = () => signIn.signIn({ email: user.email, password: PASSWORD, address: 'd' });
  await expect(right()).rejects.toMatchObject({ code: 'too_many_failures' });
  nowMs += 15 * 60_000;
  await expect(right()).resolves.toMatchObject({ userId: user.userId });
});

it('looks at no more than ten wrong passwords that come at once', async () => {
  const user = await aUser(PASSWORD);
  const signIn = new SignIn(database);
  const tries = Array.from({ length: 25 }, (_, i) => signIn.signIn({ email: user.email, password: 'wrong password', address: `h${i}` }));
  const codes = (await Promise.allSettled(tries)).map((each) => (each.status === 'rejected' ? each.reason.code : 'signed in'));
  expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(10);
  expect(codes.filter((code) => code === 'too_many_failures')).toHaveLength(15);
});

it('takes a sign-in link once, also of two that come together, and not after its time', async () => {
  const user = await aUser();
  const signIn = new SignIn(database);
  const link = await createSignInLink(database, user.userId);
  const both = await Promise.allSettled([signIn.signIn({ link, address: 'e' }), signIn.signIn({ link, address: 'e' })]);
  expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
  const late = await createSignInLink(database, user.userId);
  await database.query(`update sign_in_links set expires_at = now() - interval '1 second'`);
  await expect(signIn.signIn({ link: late, address: 'e' })).rejects.toMatchObject({ code: 'bad_link' });
});

it('sets a first password freely, a next one only with the current, and ends the other sessions then', async () => {
  const user = await aUser(PASSWORD);
  const signIn = new SignIn(database);
  const [mine, other] = await Promise.all(['f', 'g'].map((address) => signIn.signIn({ email: user.email, password: PASSWORD, address })));
  const actor = (await bySession(mine?.sessionSecret ?? '')) as Actor;
  await expect(setPassword(database, actor, { current: 'wrong', password: 'another password' })).rejects.toMatchObject({
    code: 'wrong_password',
  });
  await expect(setPassword(database, actor, { current: PASSWORD, password: 'short' })).rejects.toMatchObject({ code: 'bad_password' });
  await setPassword(database, actor, { current: PASSWORD, password: 'another password' });
  expect(await bySession(mine?.sessionSecret ?? '')).not.toBeNull();
  expect(await bySession(other?.sessionSecret ?? '')).toBeNull();
});

it('knows a token as bearer and as password of Git, until it is revoked or expires', async () => {
  const user = await aUser();
  const { token, secret } = await createToken(database, { userId: user.userId, name: 'ci', expiresInDays: 1 });
  expect(secret).toMatch(/^slp_[0-9A-Za-z]{43}$/);
  expect(await authenticator.byHeaders({ authorization: `Bearer ${secret}` })).toMatchObject({
    userId: user.userId,
    credential: { kind: 'token' },
  });
  expect(await authenticator.authenticate(basic(secret))).toMatchObject({ userId: user.userId });
  expect(await authenticator.authenticate(basic(`${secret}x`))).toBeNull();
  await expect(revokeToken(database, { id: token.id, userId: newId() })).rejects.toMatchObject({ kind: 'not_found' });
  await revokeToken(database, { id: token.id, userId: user.userId });
  await expect(authenticator.byHeaders({ authorization: `Bearer ${secret}` })).rejects.toMatchObject({ code: 'bad_token' });
  const short = await createToken(database, { userId: user.userId, name: 'ci', expiresInDays: 1 });
  await database.query(`update tokens set expires_at = now() - interval '1 second' where id = $1`, [short.token.id]);
  expect(await authenticator.authenticate(basic(short.secret))).toBeNull();
});

it('writes the last use of a token at most once a minute', async () => {
  const user = await aUser();
  const { token, secret } = await createToken(database, { userId: user.userId, name: 'ci', expiresInDays: null });
  const lastUse = async () =>
    (await database.query<{ at: Date | null }>('select last_used_at as at from tokens where id = $1', [token.id]))[0]?.at?.getTime();
  expect(await lastUse()).toBeUndefined();
  await authenticator.byToken(secret);
  const first = await lastUse();
  await authenticator.byToken(secret);
  expect(first).toBeDefined();
  expect(await lastUse()).toBe(first);
});

it('makes one administrator and its token, however many servers start, and does not bring a revoked token back', async () => {
  const token = 'an-automation-token-of-enough-length';
  const starts = await Promise.all([1, 2, 3].map(() => ensureAdmin(database, token)));
  expect(new Set(starts.map((start) => start.userId)).size).toBe(1);
  expect(starts.filter((start) => start.created)).toHaveLength(1);
  const admin = await authenticator.byToken(token);
  expect(admin.isAdmin).toBe(true);
  await revokeToken(database, { id: admin.credential?.id ?? '', userId: admin.userId });
  await ensureAdmin(database, token);
  await expect(authenticator.byToken(token)).rejects.toMatchObject({ code: 'bad_token' });
});

it('says that rights changed when a session ends, and that it no longer holds', async () => {
  const user = await aUser(PASSWORD);
  const { sessionSecret } = await new SignIn(database).signIn({ email: user.email, password: PASSWORD, address: 'h' });
  const actor = (await bySession(sessionSecret)) as Actor;
  let told = 0;
  const stop = authenticator.onRightsChanged(actor, () => told++);
  expect(await authenticator.stillHolds(actor)).toBe(true);
  await setPassword(database, user, { current: PASSWORD, password: 'another password' });
  stop();
  expect(told).toBe(1);
  expect(await authenticator.stillHolds(actor)).toBe(false);
});
