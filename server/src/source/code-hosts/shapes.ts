import { shorten } from '@slipway/protocol';
import { z } from 'zod';
import type { MovedRef } from './host-news.js';

const ZERO = /^0+$/;
const REF_NAME = /^(?!-)(?!.*\.\.)[^\p{Cc} ~^:?*[\\]+$/u;
const MAX_REF_CHARACTERS = 1_000;
const MAX_NUMBER = 2_147_483_647;

/** Hosts allow a few hundred characters in titles, names and addresses. */
const MAX_TEXT_CHARACTERS = 4_000;
/** Postgres can't store NUL, and nothing that people read needs it. */
export const text = z.string().transform((value) => shorten(value.replaceAll('\0', ''), MAX_TEXT_CHARACTERS, '…'));
/** A name that Git allows and never mistakes for an option. */
export const refName = z
  .string()
  .max(MAX_REF_CHARACTERS, 'is too long for the name of a branch or tag')
  .regex(REF_NAME, 'is not the name of a branch or tag');
/** Bitbucket Cloud tells only the first 12 digits of some. */
export const sha = z.string().regex(/^[0-9a-f]{7,64}$/, 'is not a commit id');
export const number = z.int().positive().max(MAX_NUMBER);
/** ISO 8601, GitLab's `2017-12-10 17:01:11 UTC`, or milliseconds since the epoch. */
export const moment = z.union([z.string(), z.number()]).transform((value, context) => {
  const date = new Date(value);
  if (!Number.isNaN(date.getTime())) return date;
  context.addIssue('is not a point in time');
  return z.NEVER;
});

/** Takes the full name of a ref and what it pointed at before and after; null for refs that are neither a branch nor a tag. */
export function movedRef(ref: string, before: string, after: string): MovedRef | null {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/su.exec(ref) ?? [];
  if (!name) return null;
  const change = ZERO.test(after) ? 'deleted' : ZERO.test(before) ? 'created' : 'moved';
  return { what: kind === 'heads' ? 'branch' : 'tag', name, change };
}
