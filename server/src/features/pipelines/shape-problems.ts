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

/** Keys that others have and Slipway names otherwise, or not at all. */
const FOREIGN: Record<string, string> = {
  'runs-on': 'Slipway picks an agent by its tags: write `tags: [linux]`, or leave it out.',
  uses: 'Slipway has no actions: write the commands under `run`.',
  with: 'Slipway has no actions: write the commands under `run`.',
  if: 'Slipway has no conditions: split the job, or decide within `run`.',
  stages: 'The order follows from `needs` of each job.',
  script: 'Write the commands as `steps`, each with `run`.',
  services: 'Slipway has no services: start what you need within `run`.',
  container: "Jobs run in the agent's sandbox: use `tags` to choose an agent that has what you need.",
  path: 'It belongs elsewhere: `path` is a key of an artifact and of health.',
};

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
  const allowed = allowedKeys(path);
  const meant = closestName(key, allowed);
  const foreign = Object.hasOwn(FOREIGN, key) ? FOREIGN[key] : undefined;
  const remedy = meant ? `Did you mean "${meant}"?` : (foreign ?? `Remove it. Keys allowed here: ${allowed.join(', ')}.`);
  return { file, ...source.locateKey(path, key), message: `"${cut(key)}" is not a key of ${placeNamed(path)}.`, remedy };
}

function badKey(file: string, path: Path, issue: Issue & { issues?: readonly Issue[] }, source: YamlSource): PipelineProblem {
  const key = String(path.at(-1));
  const why = issue.issues?.[0]?.message ?? 'is not a valid name';
  return {
    file,
    ...source.locateKey(path.slice(0, -1), key),
    message: `"${cut(key)}" in ${placeNamed(path.slice(0, -1))} ${why}.`,
    remedy: 'Rename it.',
  };
}

function missing(file: string, path: Path, source: YamlSource): PipelineProblem {
  const place = source.locate(path.slice(0, -1));
  return {
    file,
    ...place,
    message: `${placeNamed(path.slice(0, -1))} has no "${path.at(-1)}".`,
    remedy: `Add "${path.at(-1)}:" with its value.`,
  };
}

function sentence(issue: Issue, given: unknown): string {
  const shown =
    typeof given === 'string' || typeof given === 'number' || typeof given === 'boolean' ? ` It is "${cut(String(given))}" now.` : '';
  if (issue.code === 'invalid_value') return `must be ${oneOf(issue.values.map(String))}.${shown}`;
  if (issue.code === 'invalid_type' && given === null) return 'is empty.';
  if (issue.code === 'invalid_type') return `must be ${TYPES[issue.expected] ?? issue.expected}.${shown}`;
  const message = issue.message.startsWith('must') || issue.message.startsWith('takes') ? issue.message : `is not right: ${issue.message}`;
  return `${message}.${shown}`;
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
