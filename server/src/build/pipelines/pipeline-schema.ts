import { JOB_KINDS } from '@slipway/protocol';
import { z } from 'zod';
import { ARTIFACT_NAME, ARTIFACT_NAME_RULE } from '../artifacts/artifact-name.js';
import { DURATION, durationMs } from './duration.js';
import {
  ENVIRONMENT_NAME,
  ENVIRONMENT_NAME_RULE,
  JOB_NAME,
  JOB_NAME_RULE,
  PIPELINE_VARIABLE_NAME,
  SECRET_NAME,
  SECRET_NAME_RULE,
} from './names.js';
import { STRATEGIES } from './pipeline.js';

export const MAX_JOBS = 500;
const MAX_STEPS = 100;
const MAX_SCRIPT_CHARACTERS = 64 * 1024;

/** Relative, and staying inside. */
const INSIDE = /^(?!\/)(?!(.*\/)?\.\.(\/|$)).+$/;
const insidePath = z.string().max(1_000).regex(INSIDE, 'must be a path inside the repository: relative, without ".."');

const variableName = z
  .string()
  .regex(PIPELINE_VARIABLE_NAME, 'must be a variable name: letters, digits and _, not beginning with a digit or with SLIPWAY_');
/** YAML is read as it is written, so all scalars are texts; to editors, which read YAML otherwise, these are what they look like. */
const ANY_SCALAR = { forEditors: { type: ['string', 'number', 'boolean', 'null'] } };
const NAME = { forEditors: { type: ['string', 'number'] } };

const variables = z
  .record(variableName, z.string().max(MAX_SCRIPT_CHARACTERS, 'must have at most 65536 characters').nullable().meta(ANY_SCALAR))
  .describe('Environment variables, kept as they are written; a key without a value is an empty text.');
const secrets = z
  .array(z.string().regex(SECRET_NAME, `must be the name of a secret: ${SECRET_NAME_RULE}`))
  .max(100)
  .describe('Names of the secrets to give as environment variables. Their values are masked in the log.');

const duration = (description: string, leastMs: number, mostMs: number) =>
  z
    .string()
    .regex(DURATION, 'must be a duration with its unit, like 500ms, 30s, 5m or 1h')
    .refine((text) => !DURATION.test(text) || durationMs(text) >= leastMs, { error: `must be at least ${leastMs}ms` })
    .refine((text) => !DURATION.test(text) || durationMs(text) <= mostMs, { error: `must be at most ${mostMs / 60_000}m` })
    .describe(description);

const wholeNumber = (most: number) =>
  z
    .string()
    .regex(/^[0-9]{1,9}$/, 'must be a whole number')
    .transform(Number)
    .refine((number) => number >= 1 && number <= most, { error: `must be from 1 to ${most}` })
    .meta({ forEditors: { type: 'integer', minimum: 1, maximum: most } });

const text = z.string().meta(NAME);
const listOf = (what: string) => z.union([text, z.array(text).max(MAX_JOBS)], `must be ${what} or a list of them`);
const pathsOf = (what: string) => z.union([insidePath, z.array(insidePath).min(1).max(100)], `must be ${what} or a list of them`);
/** A key without a value, as in `manual:`, or with one of the words for it. */
const orNothing = <T extends z.ZodType>(settings: T) =>
  z.preprocess((value) => (/^(~|null)$/i.test(String(value)) ? null : value), settings.nullable());
const empty = orNothing(z.strictObject({}, 'takes no settings'));

const pattern = z.string().min(1, 'must not be empty').max(250, 'must be at most 250 characters').meta(NAME);
const patternsOf = (what: string, description: string) =>
  z
    .union([pattern, z.array(pattern).min(1, 'must name at least one').max(100)], `must be a pattern of ${what} or a list of them`)
    .optional()
    .describe(description);
const branchFilter = {
  branches: patternsOf('branch names', 'Only these branches. * does not match a slash, ** does; a later pattern with ! excludes again.'),
  'branches-ignore': patternsOf('branch names', 'All branches except these. Not together with branches.'),
};
const pathFilter = {
  paths: patternsOf('paths', 'Only if a changed file matches.'),
  'paths-ignore': patternsOf('paths', 'Not if all changed files match. Not together with paths.'),
};
const PushFilter = z.strictObject({
  ...branchFilter,
  tags: patternsOf('tag names', 'Only these tags. Tags count if they are named, or if neither branches nor tags are.'),
  'tags-ignore': patternsOf('tag names', 'All tags except these. Not together with tags.'),
  ...pathFilter,
});
const PullRequestFilter = z.strictObject({ ...branchFilter, ...pathFilter });
export type EventFilterFile = z.infer<typeof PushFilter>;
const changeEvents = {
  push: orNothing(PushFilter).optional().describe('Pushes of branches and tags.'),
  pull_request: orNothing(PullRequestFilter).optional().describe('Pull and merge requests. branches are those to merge into.'),
};
const EVENTS = ['push', 'pull_request', 'manual', 'workflow_dispatch'] as const;
const On = z
  .union(
    [
      z.enum(EVENTS),
      z.array(z.enum(EVENTS)).min(1),
      z.strictObject({ ...changeEvents, manual: empty.optional(), workflow_dispatch: empty.optional() }),
    ],
    'must be push, pull_request, manual, a list of them, or keys of these names with their settings',
  )
  .describe('What starts a run. Left out: pushes to every branch, pull requests, and people.');
const CHANGES = ['push', 'pull_request'] as const;
const JobOn = z
  .union(
    [z.enum(CHANGES), z.array(z.enum(CHANGES)).min(1), z.strictObject(changeEvents)],
    'must be push, pull_request, a list of them, or keys of these names with their settings',
  )
  .describe('Which of the pushes and pull requests that start a run need this job. Left out: all of them.');

const shell = z
  .string()
  .max(200)
  .regex(/^(bash|sh|[^\s-].*\{0\}.*)$/, 'must be bash, sh, or a command line with {0} where the path of the script goes')
  .optional();
const Step = z.strictObject({
  run: z.string().min(1, 'must say what to run').max(MAX_SCRIPT_CHARACTERS).describe('A script; it fails at the first command that fails.'),
  shell: shell.describe('bash, sh, or a command line with {0} where the path of the script goes. Left out: as for the job.'),
  name: z.string().min(1).max(200).meta(NAME).optional().describe('Shown to people. Left out: the first line of run.'),
  env: variables.optional(),
  'working-directory': insidePath.optional().describe('Folder in the repository to run in.'),
});

const Artifact = z.strictObject({
  name: z.string().regex(ARTIFACT_NAME, `must be ${ARTIFACT_NAME_RULE}`),
  path: pathsOf('a path').describe('Files and folders to keep; * and ** work.'),
});

const minutes = z
  .string()
  .regex(/^[0-9]{1,6}(\.[0-9]{1,6})?$/, 'must be a number of minutes, like 10 or 0.5')
  .transform(Number)
  .refine((count) => count >= 1 / 60 && count <= 1_440, { error: 'must be from a second (0.017) to 1440, a day' })
  .meta({ forEditors: { type: 'number', minimum: 1 / 60, maximum: 1_440 } });
const cores = z
  .string()
  .regex(/^[0-9]{1,3}(\.[0-9]{1,3})?$/, 'must be a number of cores, like 2 or 0.5')
  .transform(Number)
  .refine((count) => count >= 0.1 && count <= 256, { error: 'must be from 0.1 to 256' })
  .meta({ forEditors: { type: 'number', minimum: 0.1, maximum: 256 } });
const Limits = z.strictObject({
  'cpu-cores': cores.optional(),
  'memory-mib': wholeNumber(1_048_576).optional(),
  processes: wholeNumber(1_000_000).optional(),
  'disk-mib': wholeNumber(104_857_600).optional(),
});
const Job = z.strictObject({
  kind: z.enum(JOB_KINDS).optional().describe('Left out: build.'),
  needs: listOf('the name of a job').optional().describe('Jobs that must have succeeded; their artifacts are unpacked into the workspace.'),
  steps: z.array(Step).min(1).max(MAX_STEPS).optional(),
  shell: shell.describe(
    'For steps that name none: bash, sh, or a command line with {0}. Left out: bash if the agent has it, otherwise sh.',
  ),
  env: variables.optional(),
  secrets: secrets.optional(),
  artifacts: z.array(Artifact).max(100).optional().describe('Files to keep when the job has succeeded.'),
  reports: z.strictObject({ tests: pathsOf('a path').optional().describe('JUnit XML files.') }).optional(),
  timeout: duration('The most that an attempt may take, e.g. 90s, 30m or 2h. Left out: 1h.', 1_000, 24 * 3_600_000).optional(),
  'timeout-minutes': minutes.optional().describe('The same as timeout, in minutes.'),
  limits: Limits.optional().describe("What the job may use, if that is less than the agent's limits."),
  'test-type': z.enum(['unit', 'integration', 'e2e']).optional().describe('Type of a test job. Left out: unit.'),
  tags: listOf('a tag').optional().describe('Only agents with all of these tags take the job.'),
  on: JobOn.optional(),
  environment: z
    .string()
    .regex(ENVIRONMENT_NAME, `must be ${ENVIRONMENT_NAME_RULE}`)
    .optional()
    .describe('Where a deploy job deploys to; made when it is not there.'),
  strategy: z.enum(STRATEGIES).optional().describe('How the new release takes over. Left out: blue-green.'),
});

/** A name or an IPv4 address, or an IPv6 address in brackets; with or without a port. */
const HOST = /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_.-]*[A-Za-z0-9_])?|\[[0-9A-Fa-f:.]+\])(?::[0-9]{1,5})?$/;
const MAX_HOST_CHARACTERS = 260;

const Health = z.strictObject({
  path: z
    .string()
    .regex(/^\/[\x21-\x7e]*$/, 'must begin with / and contain no spaces')
    .max(1_000)
    .optional()
    .describe('Requested with GET; 2xx and 3xx mean healthy. Left out: /.'),
  host: z
    .string()
    .regex(HOST, 'must be the name of a host, with or without a port, e.g. shop.example or shop.example:8080')
    .max(MAX_HOST_CHARACTERS)
    .optional()
    .describe('Value of the field Host, for applications that answer only to their own names. Left out: 127.0.0.1 and the port.'),
  interval: duration('Time between two checks. Left out: 2s.', 100, 600_000).optional(),
  timeout: duration('Time for one answer. Left out: 2s.', 100, 600_000).optional(),
  startup: duration('From start to the first success; 60s when left out.', 1_000, 3_600_000).optional(),
  'healthy-after': wholeNumber(100).optional().describe('Successes in a row until healthy. Left out: 1.'),
  'unhealthy-after': wholeNumber(100).optional().describe('Failures in a row until unhealthy. Left out: 3.'),
});

const App = z
  .strictObject({
    artifact: z.string().optional().describe('The artifact to release. Left out: the only one that there is.'),
    start: z
      .string()
      .min(1, 'must say how the application is started')
      .max(MAX_SCRIPT_CHARACTERS)
      .describe(
        'Script that starts the application in the unpacked artifact, run by bash if the agent has it, otherwise by sh. The application must listen on $PORT.',
      ),
    env: variables.optional(),
    secrets: secrets.optional(),
    health: Health.optional(),
    drain: duration('Time for requests in flight to finish when a release is stopped. Left out: 30s.', 0, 3_600_000).optional(),
    'minimum-healthy': duration(
      'How long a new release must stay healthy after the switch, or it is rolled back. Left out: 5s.',
      0,
      3_600_000,
    ).optional(),
    instances: wholeNumber(32).optional().describe('Number of copies of a release. Left out: 1.'),
  })
  .describe('How to start the application and check its health; for deploy jobs.');

const jobName = z.string().regex(JOB_NAME, `must be ${JOB_NAME_RULE}`);

/**
 * The shape of `.slipway.yml`. It is published as JSON Schema for editors, so its descriptions are for people. check-pipeline.ts checks what
 * depends on more than one place in the file: needs, artifacts, environments.
 */
export const PipelineFile = z.strictObject({
  $schema: z.string().optional().describe('For editors.'),
  name: z.string().max(200).meta(NAME).optional().describe('For people.'),
  on: On.optional(),
  env: variables.optional(),
  jobs: z.record(jobName, Job).describe('The jobs by name; those that need nothing start at once.'),
  app: App.optional(),
});
export type PipelineFile = z.infer<typeof PipelineFile>;
export type JobFile = z.infer<typeof Job>;
export type AppFile = z.infer<typeof App>;

/** For editors: `# yaml-language-server: $schema=<server>/schemas/slipway.yml.json`. */
export function pipelineJsonSchema(): Record<string, unknown> {
  const override = ({ jsonSchema }: { jsonSchema: Record<string, unknown> }) => {
    const { forEditors, ...rest } = jsonSchema;
    if (typeof forEditors !== 'object') return;
    for (const key of Object.keys(rest)) if (key !== 'description') delete jsonSchema[key];
    delete jsonSchema.forEditors;
    Object.assign(jsonSchema, forEditors);
  };
  return { ...z.toJSONSchema(PipelineFile, { io: 'input', override }), title: '.slipway.yml' };
}
