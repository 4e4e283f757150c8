import type { DeploymentProgress, Outcome, Work } from '@slipway/protocol';
import type { AttemptLog } from '../logs/attempt-log.js';
import type { DeployedEnvironment } from './environment.js';
import type { Instance } from './instance.js';
import { OutputFollower } from './instance-output.js';
import { newsIn } from './news.js';
import type { Reporter } from './reporter.js';

type DeployWork = NonNullable<Work['deploy']>;
export type DeployLog = Pick<AttemptLog, 'write'>;

const OUTPUT_LOOK_MS = 100;

/** Watches one deployment from where the instances run, and writes its log, until the server gives the verdict or the job is stopped. */
export async function followDeployment(
  { deploymentId }: DeployWork,
  environment: DeployedEnvironment,
  reporter: Reporter,
  log: DeployLog,
  stop: AbortSignal,
): Promise<Outcome> {
  const story = new Story(environment, log);
  const unfollow = environment.follow((line) => story.tell(line));
  const looking = setInterval(() => story.copyOutput(), OUTPUT_LOOK_MS);
  try {
    const progress = await verdictOf(deploymentId, reporter, (line) => story.tell(line), stop);
    return progress ? outcomeOf(progress) : { kind: 'stopped', reason: String(stop.reason) };
  } finally {
    clearInterval(looking);
    unfollow();
    await story.end();
  }
}

/** @returns null when the job is stopped first. */
function verdictOf(
  deploymentId: string,
  reporter: Reporter,
  tell: (line: string) => void,
  stop: AbortSignal,
): Promise<DeploymentProgress | null> {
  const { promise, resolve } = Promise.withResolvers<DeploymentProgress | null>();
  let said: string | null = null;
  const unfollow = reporter.follow((progress) => {
    if (progress?.deploymentId !== deploymentId) return;
    if (progress.message && progress.message !== said) tell(progress.message);
    said = progress.message;
    if (progress.verdict) resolve(progress);
  });
  const stopped = () => resolve(null);
  if (stop.aborted) stopped();
  stop.addEventListener('abort', stopped, { once: true });
  return promise.finally(() => {
    unfollow();
    stop.removeEventListener('abort', stopped);
  });
}

function outcomeOf({ verdict, state, message }: DeploymentProgress): Outcome {
  if (verdict === 'succeeded') return { kind: 'passed' };
  return {
    kind: 'failed',
    reason: `deployment_${state}`,
    message: message ?? `The deployment ended ${state}.`,
    step: null,
    exitCode: null,
  };
}

/** What is told and what new instances print until they are healthy, in the order in which it happened. */
class Story {
  private readonly followed = new Map<string, OutputFollower | null>();
  private readonly told: string[] = [];
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly environment: DeployedEnvironment,
    private readonly log: DeployLog,
  ) {
    for (const { record, isStarting } of environment.instances) if (!isStarting) this.followed.set(record.instanceId, null);
  }

  /** The server says again what it heard from here, and what it does about it: only that is new. */
  tell(line: string): void {
    const news = newsIn(line, this.told);
    this.told.push(line);
    this.copyOutput();
    this.next(() => this.write(news));
  }

  copyOutput(): void {
    this.next(async () => {
      for (const instance of this.environment.instances) await this.copyOutputOf(instance);
    });
  }

  end(): Promise<void> {
    this.copyOutput();
    return this.writing;
  }

  private async copyOutputOf({ record, release, outputFile, isStarting }: Instance): Promise<void> {
    const follower = this.followed.get(record.instanceId) ?? new OutputFollower(outputFile);
    if (this.followed.get(record.instanceId) === null) return;
    this.followed.set(record.instanceId, isStarting ? follower : null);
    for (const line of await follower.lines()) await this.write(`${release.version} │ ${line}`);
  }

  private next(act: () => void | Promise<void>): void {
    this.writing = this.writing.then(act).catch((error: Error) => this.write(`The application's output can't be read: ${error.message}`));
  }

  private async write(line: string): Promise<void> {
    await this.log.write(Buffer.from(`${line}\n`));
  }
}
