import type { InjectOptions } from 'fastify';
import type { OpenApi, Operation, Schema } from '../../rest/open-api.js';
import { Choice } from './choice.js';
import type { Known } from './operations.js';
import { HOSTILE_NUMBERS, HOSTILE_TEXTS } from './texts.js';

export type HostileCall = { name: string; request: InjectOptions };

/** Calls of REST v1: some fields are as they should be, the others of any type at all, or missing. The same seed makes the same calls. */
export function* hostileCalls(api: OpenApi, known: Known, seed: number, each: number): Generator<HostileCall> {
  const values = new AnyJson(known, seed);
  const operations = Object.entries(api.paths).flatMap(([url, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ url, method: method.toUpperCase() as 'GET', operation })),
  );
  for (const { url, method, operation } of operations) {
    for (let n = 0; n < each; n++) {
      const payload = JSON.stringify(values.fields(fieldsOf(operation)));
      yield { name: `${method} ${url}`, request: { method, url, headers: { 'content-type': 'application/json' }, payload } };
    }
  }
}

function fieldsOf({ parameters = [], requestBody }: Operation): string[] {
  const schema = requestBody?.content['application/json'].schema as Schema | undefined;
  return [...parameters.map(({ name }) => name), ...Object.keys(schema?.properties ?? {})];
}

/** Addresses with something hostile where an id or a name belongs. */
export function* hostileAddresses(known: Known): Generator<HostileCall> {
  const texts = [...HOSTILE_TEXTS.filter((text) => text.isWellFormed() && text.length < 1_000), ...known.ids];
  for (const part of [...texts.map(encodeURIComponent), '%', '%ff', '%ED%A0%80', '%zz', '..%2f..%2f', 'a;b', 'a?b']) {
    const places = [
      ...[
        `/api/artifacts/${part}`,
        `/api/agent/artifacts/${part}`,
        `/api/logs/${part}.txt`,
        `/api/logs/x.txt?escapes=${part}`,
        `/schemas/${part}`,
      ],
      ...[
        `/git/${part}/app.git/info/refs?service=git-upload-pack`,
        `/git/x/${part}/info/refs?service=${part}`,
        `/projects/${part}`,
        `/assets/${part}`,
      ],
    ];
    for (const url of places) yield { name: url, request: { method: 'GET', url } };
    yield {
      name: `webhook ${part}`,
      request: { method: 'POST', url: `/webhooks/${part}`, payload: part, headers: { 'content-type': 'application/json' } },
    };
    yield {
      name: `enrol ${part}`,
      request: { method: 'POST', url: '/api/agents/enrol', payload: { token: part, name: part, publicKey: part } },
    };
  }
}

class AnyJson {
  private readonly choice: Choice;
  private readonly texts: readonly string[];

  constructor(
    private readonly known: Known,
    seed: number,
  ) {
    this.choice = new Choice(seed);
    this.texts = [...HOSTILE_TEXTS, ...known.ids];
  }

  fields(names: readonly string[]): Record<string, unknown> {
    return Object.fromEntries(names.flatMap((name) => (this.choice.below(8) === 0 ? [] : [[name, this.field(name)]])));
  }

  private field(name: string): unknown {
    return name in this.known.good && this.choice.below(2) === 0 ? this.known.good[name] : this.value(3);
  }

  private value(depth: number): unknown {
    if (depth === 0 || this.choice.below(2) === 0) return this.choice.of(this.texts);
    if (this.choice.below(2) === 0) return this.choice.of([...HOSTILE_NUMBERS, null, false]);
    return this.choice.below(2) === 0
      ? [this.value(depth - 1), this.value(depth - 1)]
      : { [this.choice.of(this.texts)]: this.value(depth - 1) };
  }
}
