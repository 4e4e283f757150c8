import { errors } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { DomainError } from './errors.js';
import { faultOf } from './faults.js';
import { GitFailed } from './git.js';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

const errorOf = (work: () => unknown) =>
  Promise.resolve()
    .then(work)
    .then(
      () => null,
      (error: unknown) => error,
    );

describe('an error lasts', () => {
  it.each([
    ['JSON that Postgres refuses', `select '"\\ud800"'::jsonb`],
    ['a number out of range', 'select 3000000000::int'],
    [
      'a missing thing that is referred to',
      `insert into attempts (id, job_id, agent_id, state, key, token_hash, lease_until)
       values (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), 'offered', '', '', now())`,
    ],
    [
      'a text too long for an index',
      `insert into settings (name, value)
       select string_agg(md5(n::text), ''), '{}' from generate_series(1, 1000) n`,
    ],
    ['a statement that is wrong', 'select nonsense'],
  ])('of Postgres: %s', async (_what, sql) => {
    expect(faultOf(await errorOf(() => database.query(sql)))).toBe('lasting');
  });

  it('where a message does not fit the protocol, is no JSON, or is refused with a reason', async () => {
    expect(faultOf(await errorOf(() => z.string().parse(1)))).toBe('lasting');
    expect(faultOf(await errorOf(() => JSON.parse('{')))).toBe('lasting');
    expect(faultOf(new DomainError('bad_input', 'bad', 'Bad.'))).toBe('lasting');
    expect(faultOf(errors.InvalidArgumentError.format('payload', 'max_payload size exceeded'))).toBe('lasting');
  });
});

describe('an error passes', () => {
  it.each(['08006', '40001', '40P01', '53300', '55P03', '57014', '57P01', '58030'])('of Postgres: %s', async (code) => {
    const raised = await errorOf(() => database.query(`do $$ begin raise exception 'x' using errcode = '${code}'; end $$`));
    expect(faultOf(raised)).toBe('passing');
  });

  it('where a connection ends in the middle of a statement', async () => {
    const ended = await errorOf(() => database.query('select pg_terminate_backend(pg_backend_pid())'));
    expect(ended).not.toBeNull();
    expect(faultOf(ended)).toBe('passing');
  });

  it('where something is away or full', () => {
    expect(faultOf(new DomainError('unavailable', 'busy', 'Busy.'))).toBe('passing');
    expect(faultOf(Object.assign(new Error('full'), { code: 'ENOSPC' }))).toBe('passing');
    expect(faultOf(new GitFailed('gc', 128, 'fatal: write error: No space left on device'))).toBe('passing');
    expect(faultOf(new errors.TimeoutError())).toBe('passing');
  });
});

it('everything else is unclear, and tried a few times', () => {
  for (const error of [new TypeError('x is undefined'), new GitFailed('log', 128, 'fatal: bad object'), 'text', undefined])
    expect(faultOf(error)).toBe('unclear');
});
