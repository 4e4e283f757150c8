import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ROOT } from '../bootstrap/paths.mjs';

const { parse } = createRequire(new URL('../../server/package.json', import.meta.url))('yaml');
const compose = parse(await readFile(join(ROOT, 'docker-compose.yml'), 'utf8'), { merge: true });

/** Names in a config's source: each program refuses to start, or silently ignores, what it does not know. @param {string} file */
async function variablesOf(file) {
  return new Set((await readFile(join(ROOT, file), 'utf8')).match(/\b(SLIPWAY_[A-Z_]+|[A-Z]+_URL|PORT)\b/g));
}

describe('docker-compose.yml', () => {
  it('has every part of an installation, agent and router sharing a network', () => {
    expect(Object.keys(compose.services).sort()).toEqual(['agent', 'init', 'nats', 'postgres', 'router', 'server']);
    expect(compose.services.agent.network_mode).toBe('service:router');
  });

  it.each([
    ['server', 'server/src/config.ts'],
    ['agent', 'agents/src/config.ts'],
    ['router', 'router/src/config.ts'],
  ])('sets nothing for the %s that it does not know', async (service, config) => {
    const known = await variablesOf(config);
    for (const name of Object.keys(compose.services[service].environment)) expect(known, name).toContain(name);
  });

  it('publishes exactly the ports that environments get', () => {
    const range = compose.services.server.environment.SLIPWAY_ENVIRONMENT_PORTS;
    expect(compose.services.router.ports).toEqual([`${range}:${range}`]);
  });

  it('keeps Postgres out of reach of jobs', () => {
    const { postgres, agent, router } = compose.services;
    expect(postgres.networks).toEqual(['database']);
    expect(agent.networks ?? router.networks ?? ['default']).not.toContain('database');
  });

  it('names only volumes that it declares, and programs that the build makes', async () => {
    for (const { volumes = [], command } of Object.values(compose.services)) {
      for (const volume of volumes) expect(Object.keys(compose.volumes)).toContain(volume.split(':')[0]);
      const [program, script] = command ?? [];
      if (program === 'node' && !script.includes('/dist/')) await expect(readFile(join(ROOT, script))).resolves.toBeTruthy();
    }
  });
});
