import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';
import { childEnvironment } from './child-environment.mjs';
import { readSettings } from './settings.mjs';

describe('settings', () => {
  it('have defaults', () => {
    expect(readSettings({})).toEqual({ port: 4000, dataDir: `${ROOT}/.slipway`, databaseUrl: null, nats: null });
  });

  it.each([
    [{ PORT: '99999' }, 'PORT is "99999"'],
    [{ PORT: 'http' }, 'PORT is "http"'],
    [{ DATABASE_URL: 'mysql://x' }, 'DATABASE_URL is not a URL like postgres://'],
    [{ NATS_URL: 'nats://nats:4222' }, "Without the account's signing key no agent can connect"],
  ])('refuse %o', (env, message) => {
    expect(() => readSettings(env)).toThrow(message);
  });
});

describe('the environment of a child', () => {
  it('holds what is listed and nothing else that npm or a person had set', () => {
    const env = {
      HOME: '/home/ada',
      PATH: `${ROOT}/node_modules/.bin:/opt/bin`,
      npm_config_token: 'x',
      AWS_SECRET_ACCESS_KEY: 'x',
      HTTPS_PROXY: 'http://proxy',
    };
    expect(childEnvironment(env, ['SLIPWAY_SAMPLE'], { PORT: '1' })).toEqual({
      HOME: '/home/ada',
      HTTPS_PROXY: 'http://proxy',
      PATH: '/opt/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin',
      PORT: '1',
    });
  });
});

/** A server of its own has the page elsewhere, an agent of its own a token instead of a file. */
const NOT_FOR_NPM_START = ['SLIPWAY_WEB_DIR', 'SLIPWAY_ENROLMENT_TOKEN'];

it('lets every setting through that server, agent and router know', async () => {
  const sources = ['server/src/config.ts', 'agents/src/config.ts', 'router/src/config.ts', 'scripts/launcher/programs.mjs'];
  const texts = await Promise.all([...sources, 'scripts/launcher/child-environment.mjs'].map((file) => readFile(join(ROOT, file), 'utf8')));
  const [server, agent, router, ...launcher] = texts.map((text) => text.match(/\bSLIPWAY_[A-Z_]+/g) ?? []);
  const known = [...(server ?? []), ...(agent ?? []), ...(router ?? [])];
  const passed = [...launcher.flat(), ...NOT_FOR_NPM_START];
  expect(known.filter((name) => !passed.includes(name))).toEqual([]);
});
