import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Changes } from '../../platform/changes.js';
import type { Database } from '../../platform/database.js';
import { SESSION_KEY_HEADER } from '../../platform/graphql/callers.js';
import { newId } from '../../platform/ids.js';
import { newSecret } from '../../platform/secrets.js';
import { testDatabase } from '../../testing/database.js';
import type { Actor } from './actor.js';
import { Authenticator } from './authenticator.js';
import { ensureAdmin } from './ensure-admin.js';
import { PasswordGuesses } from './password-guesses.js';
import type { SessionProof } from './session.js';
import { SessionCookie } from './session-cookie.js';
import { setPassword } from './set-password.js';
import { SignIn } from './sign-in.js';
import { createSignInLink } from './sign-in-link.js';
import { createToken, revokeToken } from './token.js';

const PASSWORD = 'correct horse battery';
let database: Database & { close(): Promise<void> };
let authenticator: Authenticator;
const changes = new Changes();
const cookie = new SessionCookie(new Uint8Array(32));
const logged: object[] = [];
const log = { warn: (fields: object) => void logged.push(fields) };
const guesses = (now?: () => number) => new PasswordGuesses(log, now);
const aSignIn = (now?: () => number) => new SignIn(database, guesses(now));

beforeAll(async () => {
  database = await testDatabase();
  authenticator = new Authenticator(database, changes, cookie);
  database.onChanged((key) => changes.emit(key));
});
afterAll(() => database.close());

async function aUser(password?: string): Promise<Actor & { email: string }> {
  const userId = newId();
  const email = `${userId}@example.test`;
  await database.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace', email]);
  const actor = { userId, isAdmin: false, email };
  if (password) await setPassword({ database, guesses: guesses() }, actor, { current: null, password, address: 'a' });
  return actor;
}

const bySession = (session: SessionProof | undefined, ...others: string[]) =>
  authenticator.byHeaders({
    cookie: ['theme=dark', ...[...others, session?.cookie].map((value) => `${cookie.nameFor('http://a')}=${value}`)].join('; '),
    [SESSION_KEY_HEADER]: session?.key,
  });
const basic = (password: string) => `Basic ${Buffer.from(`anyone:${password}`).toString('base64')}`;

it('opens a session for the right password, however the e-mail is written, and stores neither', async () => {
  const user = await aUser(PASSWORD);
  const { session } = await aSignIn().signIn({ email: ` ${user.email.toUpperCase()} `, password: PASSWORD, address: 'a' });
  expect(await bySession(session)).toMatchObject({ userId: user.userId, credential: { kind: 'session' } });
  const [row] = await database.query<{ all: string }>(
    'select json_agg(u)::text || (select json_agg(s)::text from sessions s) as all from users u',
  );
  expect(row?.all).not.toContain(PASSWORD);
  expect(row?.all).not.toContain(session.cookie);
  expect(row?.all).not.toContain(session.key);
});

it('tells a wrong password and an unknown user apart neither by its words nor by its code', async () => {
  const user = await aUser(PASSWORD);
  const signIn = aSignIn();
  const refused = (email: string) =>
    signIn.signIn({ email, password: 'wrong password', address: 'b' }).catch((error: unknown) => String(error));
  expect(await refused(user.email)).toBe(await refused('nobody@example.test'));
});

describe('wrong passwords', () => {
  const wrong = (signIn: SignIn, email: string, address: string) =>
    signIn.signIn({ email, password: 'wrong password', address }).then(
      () => 'signed in',
      (error: { code: string }) => error.code,
    );

  it('make who guesses wait longer and longer, and nobody else', async () => {
    const user = await aUser(PASSWORD);
    let nowMs = 0;
    const signIn = aSignIn(() => nowMs);
    const waits: number[] = [];
    for (let i = 0; i < 16; i++) {
      const began = nowMs;
      while ((await wrong(signIn, user.email, '203.0.113.7')) === 'too_many_failures') nowMs += 1_000;
      waits.push(nowMs - began);
    }
    expect(waits.slice(0, 8)).toEqual([0, 0, 0, 0, 0, 2_000, 4_000, 8_000]);
    expect(Math.max(...waits)).toBe(15 * 60_000);
    expect(waits).toEqual(waits.toSorted((a, b) => a - b));
    await expect(signIn.signIn({ email: user.email, password: PASSWORD, address: '203.0.113.8' })).resolves.toMatchObject({
      userId: user.userId,
    });
  });

  it('never keep a sign-in link out', async () => {
    const user = await aUser(PASSWORD);
    const signIn = aSignIn();
    for (let i = 0; i < 6; i++) await wrong(signIn, user.email, '203.0.113.7');
    expect(await wrong(signIn, user.email, '203.0.113.7')).toBe('too_many_failures');
    const link = await createSignInLink(database, user.userId);
    await expect(signIn.signIn({ link, address: '203.0.113.7' })).resolves.toMatchObject({ userId: user.userId });
  });

  it('that come at once are looked at no more than those that come one by one, and so are those of a whole IPv6 network', async () => {
    const user = await aUser(PASSWORD);
    const signIn = aSignIn();
    const codes = await Promise.all(Array.from({ length: 25 }, (_, i) => wrong(signIn, user.email, `2001:db8:1:2::${i}`)));
    expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(5);
    expect(codes.filter((code) => code === 'too_many_failures')).toHaveLength(20);
  });

  it('of many accounts are limited by address', async () => {
    const signIn = aSignIn();
    const codes = [];
    for (let i = 0; i < 60; i++) codes.push(await wrong(signIn, `nobody-${i}@example.test`, '203.0.113.9'));
    expect(codes.filter((code) => code === 'wrong_credentials')).toHaveLength(50);
  });

  it('are logged with address, account and reason, and never with what was typed', async () => {
    logged.length = 0;
    await wrong(aSignIn(), ' Eve@Example.test', '203.0.113.7');
    await aSignIn()
      .signIn({ link: 'made-up-link', address: '203.0.113.7' })
      .catch(() => undefined);
    expect(logged).toEqual([
      { 'client.ip': '203.0.113.7', 'user.name': 'eve@example.test', 'event.reason': 'wrong_credentials' },
      { 'client.ip': '203.0.113.7', 'user.name': 'link', 'event.reason': 'link_unknown' },
    ]);
  });

  it('for the present one, given to set another, are limited too', async () => {
    const user = await aUser(PASSWORD);
    const deps = { database, guesses: guesses() };
    const guess = (current: string) => setPassword(deps, user, { current, password: 'another password', address: 'a' });
    for (let i = 0; i < 5; i++) await expect(guess(`wrong ${i}`)).rejects.toMatchObject({ code: 'wrong_password' });
    await expect(guess(PASSWORD)).rejects.toMatchObject({ code: 'too_many_failures' });
  });
});

it('takes a sign-in link once, also of two that come together, and not after its time', async () => {
  const user = await aUser();
  const signIn = aSignIn();
  const link = await createSignInLink(database, user.userId);
  const both = await Promise.allSettled([signIn.signIn({ link, address: 'e' }), signIn.signIn({ link, address: 'e' })]);
  expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
  const late = await createSignInLink(database, user.userId);
  await database.query(`update sign_in_links set expires_at = now() - interval '1 second'`);
  await expect(signIn.signIn({ link: late, address: 'e' })).rejects.toMatchObject({ code: 'bad_link', details: { link: 'expired' } });
  await expect(signIn.signIn({ link, address: 'e' })).rejects.toMatchObject({
    details: { link: 'used' },
    message: expect.stringContaining('npm run sign-in-link'),
  });
  await expect(signIn.signIn({ link: 'made-up', address: 'e' })).rejects.toMatchObject({ details: { link: 'unknown' } });
});

it('sets a first password freely, a next one only with the current, and ends the other sessions then', async () => {
  const user = await aUser(PASSWORD);
  const signIn = aSignIn();
  const [mine, other] = await Promise.all(['f', 'g'].map((address) => signIn.signIn({ email: user.email, password: PASSWORD, address })));
  const actor = (await bySession(mine?.session)) as Actor;
  await expect(
    setPassword({ database, guesses: guesses() }, actor, { current: 'wrong', password: 'another password', address: 'a' }),
  ).rejects.toMatchObject({
    code: 'wrong_password',
  });
  await expect(
    setPassword({ database, guesses: guesses() }, actor, { current: PASSWORD, password: 'short', address: 'a' }),
  ).rejects.toMatchObject({ code: 'bad_password' });
  await setPassword({ database, guesses: guesses() }, actor, { current: PASSWORD, password: 'another password', address: 'a' });
  expect(await bySession(mine?.session)).not.toBeNull();
  expect(await bySession(other?.session)).toBeNull();
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

describe('a session', () => {
  const open = async () => {
    const user = await aUser();
    const link = await createSignInLink(database, user.userId);
    return { user, session: (await aSignIn().signIn({ link, address: 'a' })).session };
  };

  it('is nobody for the cookie alone, which other ports of the host get, but for a download; nor for the key alone', async () => {
    const { user, session } = await open();
    const cookies = { cookie: `${cookie.nameFor('http://a')}=${session.cookie}` };
    expect(await authenticator.byHeaders(cookies)).toBeNull();
    expect(await authenticator.byHeaders({ [SESSION_KEY_HEADER]: session.key })).toBeNull();
    expect(await bySession({ cookie: session.cookie, key: (await open()).session.key })).toBeNull();
    expect(await authenticator.byHeadersAlone(cookies)).toMatchObject({ userId: user.userId });
    expect(await authenticator.byHeadersAlone({})).toBeNull();
  });

  it('can not be replaced or shadowed by cookies that another port sets, be it that of a session that its owner has', async () => {
    const [{ user, session }, attacker] = [await open(), await open()];
    for (const other of ['', 'x', attacker.session.cookie, 'a"b,c'])
      expect(await bySession(session, other)).toMatchObject({ userId: user.userId });
    expect(await bySession({ cookie: attacker.session.cookie, key: session.key })).toBeNull();
    expect(await bySession(session, ...Array<string>(5).fill(attacker.session.cookie))).toMatchObject({ userId: user.userId });
    // A longer path goes first, and there is room for many.
    const planted = Array.from({ length: 150 }, () => newSecret());
    expect(await bySession(session, ...planted)).toMatchObject({ userId: user.userId });
  });

  it('has a cookie of a name of its own for each installation, which over https no other scheme or host can set', () => {
    const other = new SessionCookie(new Uint8Array(32).fill(1));
    expect(cookie.nameFor('http://localhost:4000')).toMatch(/^slipway_[0-9a-f]{12}$/);
    expect(cookie.nameFor('http://localhost:4000')).not.toBe(other.nameFor('http://localhost:4000'));
    expect(cookie.nameFor('https://ci.example')).toMatch(/^__Host-slipway_[0-9a-f]{12}$/);
  });
});

it('says that rights changed when a session ends, and that it no longer holds', async () => {
  const user = await aUser(PASSWORD);
  const { session } = await aSignIn().signIn({ email: user.email, password: PASSWORD, address: 'h' });
  const actor = (await bySession(session)) as Actor;
  let told = 0;
  const stop = authenticator.onRightsChanged(actor, () => told++);
  expect(await authenticator.stillHolds(actor)).toBe(true);
  await setPassword({ database, guesses: guesses() }, user, { current: PASSWORD, password: 'another password', address: 'a' });
  stop();
  expect(told).toBe(1);
  expect(await authenticator.stillHolds(actor)).toBe(false);
});
