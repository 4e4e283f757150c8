import { type EnvironmentSize, environmentSize, whySumTooLarge, whyTooLarge } from '@slipway/protocol';
import type { Report } from './check-filters.js';
import type { PipelineFile } from './pipeline-schema.js';
import { texts, type Variables } from './variables.js';
import type { Path } from './yaml-source.js';

const EXPRESSION = /\$\{\{/;
const NOT_KNOWN = 'Slipway has no expressions in double curly brackets: programs would get this text as it stands.';
const NO_EXPRESSION = 'Name secrets in "secrets", use variables such as $SLIPWAY_COMMIT within "run", and work out the rest there.';
const REMEDY = 'Put long values into a file of the repository instead.';

/** Variables that no program could be started with, or that would not be what they say. */
export function checkEnvironments({ env, jobs, app }: PipelineFile, report: Report): void {
  const check = (path: Path, variables: Variables | undefined, around: EnvironmentSize): EnvironmentSize => {
    const own = environmentSize(texts(variables));
    const sum = { variables: around.variables + own.variables, bytes: around.bytes + own.bytes };
    const why = variables && (whyTooLarge(texts(variables)) ?? whySumTooLarge(sum));
    if (why) report(path, why, REMEDY);
    for (const [name, value] of Object.entries(variables ?? {}))
      if (EXPRESSION.test(value ?? '')) report([...path, name], NOT_KNOWN, NO_EXPRESSION);
    return sum;
  };
  const none = { variables: 0, bytes: 0 };
  const ofFile = check(['env'], env, none);
  for (const [name, job] of Object.entries(jobs)) {
    const ofJob = check(['jobs', name, 'env'], job.env, ofFile);
    for (const [index, step] of (job.steps ?? []).entries()) check(['jobs', name, 'steps', index, 'env'], step.env, ofJob);
  }
  check(['app', 'env'], app?.env, none);
}
