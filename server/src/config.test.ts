import { expect, it } from 'vitest';
import { BadConfig, CONFIG_VARIABLES, readConfig } from './config.js';

const ENOUGH = {
  DATABASE_URL: 'postgres://slipway:secret@127.0.0.1:5432/slipway',
  NATS_URL: 'nats://127.0.0.1:4222',
  SLIPWAY_NATS_FILE: '/data/nats.json',
  SLIPWAY_DATA_DIR: '/data/server',
  SLIPWAY_SECRET_KEY_FILE: '/data/secret.key',
};

it('needs only what has no sensible default', () => {
  const config = readConfig({ ...ENOUGH, HOME: '/root' });
  expect(config).toMatchObject({
    port: 4000,
    sample: true,
    publicUrl: null,
    adminToken: null,
    development: false,
    dataDir: '/data/server',
  });
});

it('takes an empty variable for one that is not set', () => {
  expect(readConfig({ ...ENOUGH, PORT: '', SLIPWAY_ADMIN_TOKEN: '' })).toMatchObject({ port: 4000, adminToken: null });
});

it('takes hosts of repositories within the own network apart, and refuses what is none', () => {
  expect(readConfig(ENOUGH).gitAllow).toEqual([]);
  expect(readConfig({ ...ENOUGH, SLIPWAY_GIT_ALLOW: 'git.example, 10.1.0.0/16,' }).gitAllow).toEqual(['git.example', '10.1.0.0/16']);
  expect(() => readConfig({ ...ENOUGH, SLIPWAY_GIT_ALLOW: 'http://git.example' })).toThrow(/SLIPWAY_GIT_ALLOW must be host names/);
});

it('takes a range of ports for environments, and refuses what is none or touches other ports of Slipway', () => {
  expect(readConfig(ENOUGH).environmentPorts).toEqual({ first: 20_000, last: 24_999 });
  expect(readConfig({ ...ENOUGH, SLIPWAY_ENVIRONMENT_PORTS: '8000-8099' }).environmentPorts).toEqual({ first: 8000, last: 8099 });
  for (const bad of ['8000', '8099-8000', '80-443', '24000-25000', '8000-99999', 'a-b', '8000-8001-8002'])
    expect(() => readConfig({ ...ENOUGH, SLIPWAY_ENVIRONMENT_PORTS: bad }), bad).toThrow(
      /SLIPWAY_ENVIRONMENT_PORTS must be the first and the last/,
    );
});

it('names every bad variable at once, says what it should be, and repeats no value', () => {
  const { DATABASE_URL: _missing, ...rest } = ENOUGH;
  const bad = { ...rest, PORT: '70000', NATS_URL: 'http://hunter2@host', SLIPWAY_SAMPLE: 'maybe', SLIPWAY_ADMIN_TOKEN: 'hunter2' };
  let message = '';
  try {
    readConfig(bad);
  } catch (error) {
    expect(error).toBeInstanceOf(BadConfig);
    message = (error as Error).message;
  }
  expect(message).toContain('DATABASE_URL is missing; it looks like postgres://');
  expect(message).toContain('PORT must be 1 to 65535');
  expect(message).toContain('NATS_URL is not a URL like nats://');
  expect(message).toContain('SLIPWAY_SAMPLE must be "on" or "off"');
  expect(message).toContain('SLIPWAY_ADMIN_TOKEN is too short');
  expect(message).not.toContain('hunter2');
});

it('lists the variables that it knows', () => {
  expect(CONFIG_VARIABLES).toEqual(expect.arrayContaining(['PORT', 'DATABASE_URL', 'SLIPWAY_ADMIN_TOKEN']));
});
