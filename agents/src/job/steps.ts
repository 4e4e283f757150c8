import { lstat, realpath } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { type AttemptEvent, type Outcome, type Work, type WorkStep, whyTooLarge } from '@slipway/protocol';
import type { AttemptLog } from '../logs/attempt-log.js';
import type { DiskWatch } from '../sandbox/disk-watch.js';
import type { Exit, Sandbox } from '../sandbox/sandbox.js';
import { type ShellCommand, stepShell } from '../shell/shell.js';
import { JobFailure } from './job-failure.js';
import type { FullLimits } from './job-limits.js';
import type { Workspace } from './workspace.js';

export type StepDeps = {
  sandbox: Sandbox;
  workspace: Workspace;
  log: AttemptLog;
  report(event: AttemptEvent): void;
  stop: AbortSignal;
  /** What holds for this job. */
  limits: FullLimits;
  /** Over all that it can write to. */
  disk: DiskWatch;
};

/** Runs the steps one after the other, up to the first that fails. Null: all passed, or the work was stopped. */
export async function runSteps(work: Work, deps: StepDeps): Promise<Extract<Outcome, { kind: 'failed' }> | null> {
  for (const [index, step] of work.steps.entries()) {
    const failure = await runStep(work, step, index, deps);
    if (failure || deps.stop.aborted) return failure;
  }
  return null;
}

async function runStep(work: Work, step: WorkStep, index: number, { sandbox, workspace, log, report, stop, limits, disk }: StepDeps) {
  await checkFolder(workspace.path, step);
  const startedAt = performance.now();
  const line = log.mark({ kind: 'step', index, name: step.name });
  report({ kind: 'step_started', index, name: step.name, line });
  const shell = await shellFor(step, index, workspace);
  log.notice(shell.told);
  const env = { ...work.env, ...work.secrets, ...step.env };
  checkEnvironment(env, step);
  const spec = workspace.spec(shell.command, { cwd: step.workingDirectory, env, limits });
  const stopping = AbortSignal.any([stop, disk.exceeded]);
  const exit = await sandbox.run(spec, { stop: stopping, onOutput: (bytes) => log.write(bytes) });
  await disk.look();
  for (const command of exit.left) log.notice(`The step left this running, so it was ended: ${command}`);
  const exceeded = exceededBy(exit, disk, limits);
  if (exceeded) log.notice(exceeded.told);
  const durationMs = Math.round(performance.now() - startedAt);
  log.mark({ kind: 'step_end', index, exitCode: stopping.aborted ? null : exit.code, durationMs });
  report({ kind: 'step_finished', index, exitCode: stopping.aborted ? null : exit.code, durationMs });
  if (stop.aborted || (exit.code === 0 && !disk.exceeded.aborted)) return null;
  return failed(step, exit.code, exceeded);
}

type Exceeded = { reason: string; told: string };

/** The limit that a step met, if it met one; what it said of that itself is rarely so clear. */
function exceededBy(exit: Exit, disk: DiskWatch, limits: FullLimits): Exceeded | null {
  if (disk.exceeded.aborted)
    return {
      reason: 'out_of_disk',
      told: `The job was stopped: its files ${disk.told}.`,
    };
  if (exit.outOfMemory)
    return {
      reason: 'out_of_memory',
      told: `A process was killed because the job ran out of memory: it may use ${limits.memoryMib} MiB.`,
    };
  if (exit.outOfProcesses)
    return { reason: 'out_of_processes', told: `A process could not be started: this job may run ${limits.processes} at once.` };
  return null;
}

function failed(step: WorkStep, exitCode: number, exceeded: Exceeded | null): Extract<Outcome, { kind: 'failed' }> {
  const why = exceeded ? ` ${exceeded.told}` : '';
  const message = `Step "${step.name}" ended with exit code ${exitCode}${meaningOf(exitCode)}${why}`;
  return { kind: 'failed', reason: exceeded?.reason ?? 'exit_code', message, step: step.name, exitCode };
}

function meaningOf(exitCode: number): string {
  if (exitCode === 126)
    return ": a file was found, but can't be run. Is it executable (chmod +x)? Is the program in its first line (#!) there?";
  if (exitCode === 127)
    return ': a command was not found, see the last lines. Is it installed on the agent, and in PATH? If it is a script that exists, the program in its first line (#!) is missing, or that line ends with a carriage return (CRLF).';
  return exitCode > 128 && exitCode < 160 ? ` (signal ${exitCode - 128}).` : '.';
}

async function shellFor(step: WorkStep, index: number, workspace: Workspace): Promise<ShellCommand> {
  const script = await workspace.putScript(`${index + 1}`, step.run);
  const shell = stepShell(step.shell, script, workspace.searchPath);
  if (shell) return shell;
  throw new JobFailure(
    'shell_missing',
    `Step "${step.name}" is written for ${step.shell}, which this agent does not have. Install it on the agent, choose another agent by "tags", or leave "shell" out.`,
  );
}

function checkEnvironment(env: Record<string, string>, { name }: WorkStep): void {
  const why = whyTooLarge(env);
  if (why === null) return;
  throw new JobFailure('environment_too_large', `Step "${name}" can't be started. ${why} Put long values into a file instead.`);
}

/** Earlier steps may have made the folder, or a link in its place that leads out of the workspace. */
async function checkFolder(workspacePath: string, { workingDirectory, name }: WorkStep): Promise<void> {
  const path = join(workspacePath, workingDirectory);
  const real = await realpath(path).catch(() => null);
  const isInside = real !== null && !relative(await realpath(workspacePath), real).startsWith('..');
  if (isInside && (await lstat(real)).isDirectory()) return;
  throw new JobFailure(
    'working_directory_missing',
    `Step "${name}" should run in "${workingDirectory}", which is not a folder of the workspace. Check "working-directory" in the pipeline.`,
  );
}
