import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DesiredEnvironment, DesiredRelease, Observed } from '@slipway/protocol';
import { pino } from 'pino';
import { expect } from 'vitest';
import { freePort } from '../../../../scripts/services/throwaway.mjs';
import { WorkspaceProgram } from '../../job/workspace-program.js';
import { openSandbox } from '../../sandbox/open-sandbox.js';
import { createDeployTarget, type DeployTarget } from '../deploy-target.js';
import { ARTIFACT_TOKEN, FakeServer } from './fake-server.js';
import { RouterProcess } from './router-process.js';
import { aRelease, sampleArtifact } from './sample-release.js';

/** One environment on a real target: real processes in the real sandbox, the real router, a fake server. */
export async function deployFixture() {
  const dir = await mkdtemp(join(tmpdir(), 'slipway-deploy-'));
  const agentDir = join(dir, 'agent');
  await mkdir(agentDir);
  const artifact = sampleArtifact();
  const [server, router] = [new FakeServer(artifact), new RouterProcess(join(dir, 'router'))];
  await mkdir(join(dir, 'router'));
  await Promise.all([server.start(), router.start()]);
  const sandbox = await openSandbox({ agentDir, passedEnv: [] });
  const program = await WorkspaceProgram.install(agentDir, { entries: 1_000, bytes: 100 * 1024 ** 2 });
  const [environmentId, port] = [randomUUID(), await freePort()];
  const open = () =>
    createDeployTarget({
      agentDir,
      agentKey: Buffer.from('the seed of an agent'),
      routerSocket: router.socket,
      sandbox,
      program,
      httpUrl: () => server.url,
      request: (verb, payload) => server.request(verb, payload),
      logger: pino({ level: 'silent' }),
    });
  let target: DeployTarget = open();
  let generation = 0;

  const desire = (releases: DesiredRelease[], more: Partial<DesiredEnvironment> = {}): DesiredEnvironment => {
    server.desired = {
      environmentId,
      project: 'shop',
      name: 'production',
      generation: ++generation,
      port,
      deleted: false,
      limits: { cpuCores: null, memoryMib: 256, storageMib: null },
      releases,
      token: ARTIFACT_TOKEN,
      ...more,
    };
    return server.desired;
  };
  const observedAt = async (phase: Observed['phase'], at = generation): Promise<Observed> => {
    await expect.poll(() => server.last(), { timeout: 10_000, interval: 10 }).toMatchObject({ phase, generation: at });
    return server.last() as Observed;
  };
  return {
    dir,
    agentDir,
    artifact,
    server,
    router,
    sandbox,
    environmentId,
    port,
    url: `http://127.0.0.1:${port}`,
    release: (version: string, more?: Partial<DesiredRelease>) => aRelease(artifact, version, more),
    get target() {
      return target;
    },
    desire,
    /** Waits until the server has seen this phase of the newest generation. */
    observedAt,
    /** Desires, applies, and waits for the phase. */
    async deploy(releases: DesiredRelease[], phase: Observed['phase'] = 'converged', more: Partial<DesiredEnvironment> = {}) {
      const desired = desire(releases, more);
      await target.apply(environmentId, desired.generation);
      return observedAt(phase);
    },
    /** An agent's restart; with `instances` all applications were stopped. */
    async restart(instances: boolean) {
      await target.stop({ instances });
      target = open();
      await target.adoptAll();
    },
    async [Symbol.asyncDispose]() {
      await target.stop({ instances: true });
      await sandbox.close();
      await Promise.all([server.stop(), router.stop()]);
      await rm(dir, { recursive: true, force: true });
    },
  };
}
