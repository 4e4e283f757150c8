import type { z } from 'zod';
import type { Actor, Permission } from '../people/access/actor.js';

/** Who calls, and the scheme and host that the server was called by, e.g. `http://ci.example:4000`. */
export type Caller = { actor: Actor; origin: string };

/** A refusal that a caller must reckon with, beside those that every call has. */
export type Refusal = { status: 404 | 409; code: string; why: string };

/** One call of REST v1. Everything about it is said here: the route, the check of what it is given, the description and the page follow from it. */
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
