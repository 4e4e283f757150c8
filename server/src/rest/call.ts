import type { z } from 'zod';
import type { Actor, Permission } from '../people/access/actor.js';

/** The caller, and the scheme and host by which the server was called, e.g. `http://ci.example:4000`. */
export type Caller = { actor: Actor; origin: string };

/** A refusal that callers must expect, besides those that every call has. */
export type Refusal = { status: 404 | 409; code: string; why: string };

/**
 * One call of REST v1. It contains everything about the call: the route, the validation of input, the description and the page are derived from it.
 */
export type Call<Input extends z.ZodObject = z.ZodObject, Answer extends z.ZodObject = z.ZodObject> = {
  method: 'GET' | 'POST' | 'DELETE';
  /** Below /api/v1, with a slash before it. */
  path: string;
  group: 'Repositories' | 'Tests' | 'Environments' | 'Deployments';
  summary: string;
  description: string;
  permission: Permission;
  /** Of a good answer. */
  status: 200 | 201;
  input: Input;
  answer: Answer;
  refusals: Refusal[];
  /** Authorises, and calls one use case or query. */
  run(input: z.output<Input>, caller: Caller): Promise<z.output<Answer>>;
};

/** Input is checked against `input` before `run` sees it, which TypeScript can't know of a list of calls. */
export function defineCall<Input extends z.ZodObject, Answer extends z.ZodObject>(call: Call<Input, Answer>): Call {
  return call as unknown as Call;
}
