import { shorten } from '@slipway/protocol';
import type { z } from 'zod';
import { closestName } from './closest-name.js';
import type { PipelineProblem } from './pipeline.js';
import { pipelineJsonSchema } from './pipeline-schema.js';
import type { Path, YamlSource } from './yaml-source.js';

type Issue = z.core.$ZodIssue;
type JsonSchema = {
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  anyOf?: JsonSchema[];
};

const STEPS = 'Write the commands as `steps` of a job, each with `run`.';
const EVENTS = 'Say under `on` of the file or of a job when it is needed.';
const AGENTS = 'Slipway picks an agent by its tags: write `tags: [linux]`, or leave it out.';
const ORDER = 'The order follows from `needs` of each job.';
const ANCHORS = 'Put an anchor (&name) where the part is used first, and its alias (*name), or "<<: *name", where it is used again.';
const ALONE = 'Write the jobs one by one.';

/** Keys that others have and Slipway names otherwise, or not at all. */
const FOREIGN: Record<string, string> = {
  'runs-on': AGENTS,
  pool: AGENTS,
  image: 'Jobs run in the sandbox of the agent: use `tags` to choose an agent that has what you need.',
  container: 'Jobs run in the sandbox of the agent: use `tags` to choose an agent that has what you need.',
  uses: 'Slipway has no actions: write the commands under `run`.',
  with: 'Slipway has no actions: write the commands under `run`.',
  if: 'Slipway has no conditions: split the job, or decide within `run`.',
  when: EVENTS,
  rules: EVENTS,
  only: EVENTS,
  except: EVENTS,
  trigger: EVENTS,
  stage: ORDER,
  stages: ORDER,
  depends_on: ORDER,
  script: STEPS,
  commands: STEPS,
  before_script: STEPS,
  after_script: STEPS,
  variables: 'Write them as `env`.',
  matrix: ALONE,
  parallel: ALONE,
  extends: ANCHORS,
  include: 'Everything is in this file: other files are not read.',
  cache: 'Slipway has no caches; an agent keeps checkouts by itself.',
  services: 'Slipway has no services: start what you need within `run`.',
  'continue-on-error': 'End the command with `|| true`.',
  allow_failure: 'End the command with `|| true`.',
  path: 'It belongs elsewhere: `path` is a key of an artifact and of health.',
};
/** Where others keep parts that are used several times. */
const TEMPLATE = /^(\.|x-)/;

/** What zod found, said for people: what, where, what to do; one after the other, as there may be as many as the file has lines. */
export function* shapeProblems(file: string, issues: readonly Issue[], source: YamlSource): Generator<PipelineProblem> {
  for (const issue of issues) yield* problemsOf(file, issue, [], source);
}

function* problemsOf(file: string, issue: Issue, above: Path, source: YamlSource): Generator<PipelineProblem> {
  const path = [...above, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))];
  if (issue.code === 'invalid_union') {
    const inside = closestOption(issue.errors);
    if (inside) {
      for (const nested of inside) yield* problemsOf(file, nested, path, source);
      return;
    }
  }
  if (issue.code === 'unrecognized_keys') for (const key of issue.keys) yield unknownKey(file, key, path, source);
  else yield problemOf(file, issue, path, source);
}

function problemOf(file: string, issue: Issue, path: Path, source: YamlSource): PipelineProblem {
  if (issue.code === 'invalid_key') return badKey(file, path, issue, source);
  const given = valueAt(source.value, path);
  if (issue.code === 'invalid_type' && given === undefined) return missing(file, path, source);
  return { file, ...source.locate(path), message: `${named(path)} ${sentence(issue, given)}`, remedy: remedyOf(issue, path) };
}

/** Of the shapes a value could have, the one that fits at the top and is wrong further in; null when none fits at all. */
function closestOption(options: readonly (readonly Issue[])[]): readonly Issue[] | null {
  return options.find((issues) => issues.every((issue) => issue.path.length > 0 || issue.code === 'unrecognized_keys')) ?? null;
}

function unknownKey(file: string, key: string, path: Path, source: YamlSource): PipelineProblem {
  const message = `"${cut(key)}" is not a key of ${placeNamed(path)}.${lookalike(key)}`;
  return { file, ...source.locateKey(path, key), message, remedy: remedyOfKey(key, allowedKeys(path)) };
}

function remedyOfKey(key: string, allowed: readonly string[]): string {
  const foreign = TEMPLATE.test(key) ? ANCHORS : Object.hasOwn(FOREIGN, key) && FOREIGN[key];
  if (foreign) return foreign;
  const meant = closestName(key, allowed);
  if (meant) return `Did you mean "${meant}"?`;
  return allowed.length > 0 ? `Remove it. Keys allowed here: ${allowed.join(', ')}.` : 'Remove it.';
}

/** Blanks and letters that look like those of ASCII, or like nothing, come with what is copied out of web pages. */
function lookalike(key: string): string {
  const code = /[^\x20-\x7e]/u.exec(key)?.[0].codePointAt(0);
  return code === undefined ? '' : ` It contains U+${code.toString(16).toUpperCase().padStart(4, '0')}, which is not an ASCII character.`;
}

function badKey(file: string, path: Path, issue: Issue & { issues?: readonly Issue[] }, source: YamlSource): PipelineProblem {
  const key = String(path.at(-1));
  const why = issue.issues?.[0]?.message ?? 'is not a valid name';
  return {
    file,
    ...source.locateKey(path.slice(0, -1), key),
    message: `"${cut(key)}" in ${placeNamed(path.slice(0, -1))} ${why}.${lookalike(key)}`,
    remedy: TEMPLATE.test(key) ? ANCHORS : 'Rename it.',
  };
}

function missing(file: string, path: Path, source: YamlSource): PipelineProblem {
  const place = source.locate(path.slice(0, -1));
  return {
    file,
    ...place,
    message: `${named(path.slice(0, -1))} has no "${path.at(-1)}".`,
    remedy: `Add "${path.at(-1)}:" with its value.`,
  };
}

function sentence(issue: Issue, given: unknown): string {
  const shown =
    typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? ` It is "${cut(String(given))}" now.` : '';
  if (issue.code === 'invalid_value') return `must be ${oneOf(issue.values.map(String))}.${shown}`;
  if (issue.code === 'invalid_type' && given === null) return 'is empty.';
  if (issue.code === 'invalid_type') return `must be ${TYPES[issue.expected] ?? issue.expected}.${shown}`;
  if (issue.code === 'too_small' && isUntold(issue)) return `must have at least ${counted(issue.minimum, issue.origin)}.`;
  if (issue.code === 'too_big' && isUntold(issue)) return `must have at most ${counted(issue.maximum, issue.origin)}.`;
  const message = issue.message.startsWith('must') || issue.message.startsWith('takes') ? issue.message : `is not right: ${issue.message}`;
  return `${message}.${shown}`;
}

/** The words are zod's own, which are for programmers. */
const isUntold = ({ message }: Issue): boolean => message.startsWith('Too ');
function counted(count: number | bigint, origin: string): string {
  const [one, more] = origin === 'string' ? ['character', 'characters'] : ['entry', 'entries'];
  return `${count} ${Number(count) === 1 ? one : more}`;
}

const TYPES: Record<string, string> = {
  object: 'keys with values',
  record: 'keys with values',
  array: 'a list, with each item on a line of its own after "- "',
  string: 'a text',
};

function remedyOf(issue: Issue, path: Path): string {
  if (issue.code === 'invalid_value') {
    const given = issue.input;
    const meant = typeof given === 'string' ? closestName(given, issue.values.map(String)) : null;
    return meant ? `Did you mean "${meant}"?` : `Write one of these: ${issue.values.map(String).join(', ')}.`;
  }
  if (path.at(-2) === 'steps') return 'Write each step as "- run: <command>".';
  return 'Change the value, or leave the key out where it has a default.';
}

function oneOf(values: readonly string[]): string {
  return values.length === 1 ? `"${values[0]}"` : `${values.slice(0, -1).join(', ')} or ${values.at(-1)}`;
}

const named = (path: Path): string => (path.length === 0 ? 'The file' : `"${path.join('.')}"`);
const placeNamed = (path: Path): string => (path.length === 0 ? 'the file' : `"${path.join('.')}"`);
const cut = (text: string): string => shorten(text, 80, '…');

function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (inner, step) => (typeof inner === 'object' && inner !== null ? (inner as Record<string | number, unknown>)[step] : undefined),
    value,
  );
}

const SCHEMA = pipelineJsonSchema() as JsonSchema;

/** Keys that the schema knows at a place, read from the JSON Schema that editors get. */
function allowedKeys(path: Path): string[] {
  let here: JsonSchema[] = [SCHEMA];
  for (const step of path) here = here.flatMap(alternatives).flatMap((schema) => inner(schema, step));
  return [...new Set(here.flatMap(alternatives).flatMap((schema) => Object.keys(schema.properties ?? {})))].filter(
    (key) => key !== '$schema',
  );
}

const alternatives = (schema: JsonSchema): JsonSchema[] => [schema, ...(schema.anyOf ?? []).flatMap(alternatives)];

function inner(schema: JsonSchema, step: string | number): JsonSchema[] {
  const found = typeof step === 'number' ? schema.items : (schema.properties?.[step] ?? schema.additionalProperties);
  return typeof found === 'object' ? [found] : [];
}
