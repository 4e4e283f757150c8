import { lstat, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { AttemptEvent, Outcome, Work, WorkStep } from '@slipway/protocol';
import type { AttemptLog } from '../logs/attempt-log.js';
import type { Sandbox } from '../sandbox/sandbox.js';
import { JobFailure } from './job-failure.js';
import type { Workspace } from './workspace.js';

export type StepDeps = {
  sandbox: Sandbox;
  workspace: Workspace;
  log: AttemptLog;
  report(event: AttemptEvent): void;
  stop: AbortSignal;
};

/** Runs the steps one after the other, up to the first that fails. Null: all passed, or the work was stopped. */
export async function runSteps(work: Work, deps: StepDeps): Promise<Extract<Outcome, { kind: 'failed' }> | null> {
  for (const [index, step] of work.steps.entries()) {
    const failure = await runStep(work, step, index, deps);
    if (failure || deps.stop.aborted) return failure;
  }
  return null;
}

async function runStep(work: Work, step: WorkStep, index: number, { sandbox, workspace, log, report, stop }: StepDeps) {
  await checkFolder(workspace.path, step);
  const startedAt = performance.now();
  const line = log.mark({ kind: 'step', index, name: step.name });
  report({ kind: 'step_started', index, name: step.name, line });
  const spec = workspace.spec(['/bin/sh', '-e', '-c', step.run], {
    cwd: step.workingDirectory,
    env: { ...work.env, ...work.secrets, ...step.env },
    limits: work.limits,
  });
  const exit = await sandbox.run(spec, { stop, onOutput: (bytes) => log.write(bytes) });
  for (const command of exit.left) log.notice(`The step left this running, and it was ended: ${command}`);
  if (exit.outOfMemory)
    log.notice(`A process was ended for want of memory: this job may use ${work.limits.memoryMib ?? "no more than the agent's"} MiB.`);
  const durationMs = Math.round(performance.now() - startedAt);
  log.mark({ kind: 'step_end', index, exitCode: stop.aborted ? null : exit.code, durationMs });
  report({ kind: 'step_finished', index, exitCode: stop.aborted ? null : exit.code, durationMs });
  return exit.code === 0 || stop.aborted ? null : failed(step, exit.code, exit.outOfMemory);
}

function failed(step: WorkStep, exitCode: number, outOfMemory: boolean): Extract<Outcome, { kind: 'failed' }> {
  const reason = outOfMemory ? 'out_of_memory' : 'exit_code';
  const message = outOfMemory
    ? `Step "${step.name}" used more memory than it may and was ended (exit code ${exitCode}).`
    : `Step "${step.name}" ended with exit code ${exitCode}${meaningOf(exitCode)}.`;
  return { kind: 'failed', reason, message, step: step.name, exitCode };
}

function meaningOf(exitCode: number): string {
  if (exitCode === 126) return ' (found, but not a program that can be run)';
  if (exitCode === 127) return ' (a program was not found; is it installed on the agent?)';
  return exitCode > 128 && exitCode < 160 ? ` (signal ${exitCode - 128})` : '';
}

/** Earlier steps may have made the folder, or a link in its place that leads out of the workspace. */
async function checkFolder(workspacePath: string, { workingDirectory, name }: WorkStep): Promise<void> {
  const path = join(workspacePath, workingDirectory);
  const real = await realpath(path).catch(() => null);
  const isInside = real !== null && !relative(await realpath(workspacePath), real).startsWith('..');
  if (isInside && (await lstat(real)).isDirectory()) return;
  throw new JobFailure(
    'working_directory_missing',
    `Step "${name}" is to run in "${workingDirectory}", which is no folder of the workspace. Check "working-directory" in the pipeline.`,
  );
}
