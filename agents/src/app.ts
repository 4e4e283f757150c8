import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AttemptEvent, Outcome, Work } from '@slipway/protocol';
import { deploys } from '@slipway/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Config } from './config.js';
import { createDeployTarget, type DeployTarget } from './deploy/deploy-target.js';
import { type FullLimits, limitsOfJobs } from './job/job-limits.js';
import { KeptCheckouts } from './job/kept-checkouts.js';
import { Mirror, unlockMirrors } from './job/mirror.js';
import { runJob } from './job/run-job.js';
import { stoppedOutcome, timeLimit } from './job/stop-reason.js';
import { WorkspaceProgram } from './job/workspace-program.js';
import { type AttemptLog, removeOldSpools } from './logs/attempt-log.js';
import { Agent } from './loop/agent.js';
import { enrol } from './loop/enrol.js';
import type { Perform } from './loop/held-attempt.js';
import { IdentityFiles } from './loop/identity.js';
import { openSandbox } from './sandbox/open-sandbox.js';
import { requireSandbox } from './sandbox/require-sandbox.js';
import type { Sandbox } from './sandbox/sandbox.js';

export type App = { run(): Promise<void>; drain(): Promise<void>; stop(options: { instances: boolean }): Promise<void> };

/** The only place where the agent's parts are put together. */
export async function createApp(config: Config, version: string, log: Logger): Promise<App> {
  const folder = (name: string): string => join(config.dir, name);
  await mkdir(config.dir, { recursive: true, mode: 0o711 });
  const [sandbox, program] = await Promise.all([
    openSandbox({ ...config, agentDir: config.dir, passedEnv: config.jobEnv }),
    WorkspaceProgram.install(config.dir, config.archiveBounds),
    unlockMirrors(folder('mirrors')),
    removeOldSpools(folder('spool')),
  ]);
  log.info({ sandbox: sandbox.facts }, 'Checked what this machine allows.');
  if (config.requiresSandbox) requireSandbox(sandbox);
  // Without a user of its own a job could change what the agent keeps.
  const checkouts = new KeptCheckouts(folder('checkouts'), sandbox.facts.mode === 'sandboxed' ? config.keptCheckouts : 0);
  const limits = await limitsOfJobs(config.jobLimits, config.slots, config.dir);
  const identity = new IdentityFiles(folder('keys'));
  const seed = await identity.seed();
  const deploy = config.routerSocket
    ? createDeployTarget({
        agentDir: config.dir,
        agentKey: seed,
        routerSocket: config.routerSocket,
        sandbox,
        program,
        httpUrl: () => config.serverUrl,
        request: (verb, payload) => agent.request(verb, payload, z.unknown()),
        logger: log,
      })
    : null;
  const agent: Agent = new Agent({
    version,
    roles: config.roles,
    tags: config.tags,
    slots: config.slots,
    dir: config.dir,
    spoolDir: folder('spool'),
    sandbox: { ...sandbox.facts, jobLimits: limits },
    identify: () => enrol({ serverUrl: config.serverUrl, name: config.name, ...config.enrolment }, identity, log),
    seed,
    slotsWith: (checkout) => checkouts.slotsWith(checkout),
    perform: performIn({ sandbox, program, deploy, folder, checkouts, limits, httpUrl: config.serverUrl }),
    deploy,
    log,
  });
  await deploy?.adoptAll();
  return appOf(agent, sandbox);
}

type PerformDeps = {
  sandbox: Sandbox;
  program: WorkspaceProgram;
  deploy: DeployTarget | null;
  folder(name: string): string;
  checkouts: KeptCheckouts;
  limits: FullLimits;
  httpUrl: string;
};

function performIn({ sandbox, program, deploy, folder, checkouts, limits, httpUrl }: PerformDeps): (slot: number) => Perform {
  const mirrors = new Map<string, Mirror>();
  const mirrorOf = (repositoryId: string): Mirror => {
    const mirror = mirrors.get(repositoryId) ?? Mirror.at(folder('mirrors'), repositoryId);
    mirrors.set(repositoryId, mirror);
    return mirror;
  };
  return (index) => async (work, log, reports, stop) => {
    if (deploys(work)) return runDeploy(deploy, work, log, stop);
    const slot = { index, folder: join(folder('slots'), `${index}`) };
    const report = (event: AttemptEvent): void => reports.report(event);
    return runJob(work, { sandbox, program, slot, log, report, stop, httpUrl, mirrorOf, checkouts, limits, spoolDir: folder('archives') });
  };
}

async function runDeploy(deploy: DeployTarget | null, work: Work, log: AttemptLog, stop: AbortSignal): Promise<Outcome> {
  if (!deploy)
    return {
      kind: 'error',
      reason: 'no_router',
      message: "This agent has no router, so it can't deploy. Set SLIPWAY_ROUTER_SOCKET.",
    };
  using limit = timeLimit(work.timeoutMs);
  const stopping = AbortSignal.any([stop, limit.signal]);
  const outcome = await deploy.runDeployJob(work, log, stopping);
  return stopping.aborted ? stoppedOutcome(stopping) : outcome;
}

function appOf(agent: Agent, sandbox: Sandbox): App {
  const ending = async (end: Promise<void>): Promise<void> => {
    await end;
    await sandbox.close();
  };
  return { run: () => agent.run(), drain: () => ending(agent.drain()), stop: (options) => ending(agent.stop(options)) };
}
