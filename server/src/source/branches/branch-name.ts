import { shorten } from '@slipway/protocol';
import { DomainError } from '../../platform/errors.js';

const MAX_BYTES = 200;
/** Of refs that are pushed: see hooks/pre-receive. */
const MAX_REF_BYTES = 1_000;
/** What Git allows nowhere in a ref's name. */
const NEVER = /[^\P{Cc}\u0080-\u009f]|[ ~^:?*[\\]|\.\.|@\{|\/\//u;
const NOT_PRINTED = /[\p{Cc}\p{Zl}\p{Zp}]/u;
const WHOLE_SHA = /^([0-9a-f]{40}|[0-9a-f]{64})$/i;

/**
 * Whether `git check-ref-format --branch` takes it, without its expansions; and not so long, nor to be mistaken for an option,
 * for a commit or for a whole ref. Pure.
 */
export function isBranchName(name: string): boolean {
  if (name === '@' || name === 'HEAD' || Buffer.byteLength(name) > MAX_BYTES) return false;
  if (name.startsWith('-') || name.startsWith('refs/') || WHOLE_SHA.test(name) || NOT_PRINTED.test(name)) return false;
  return mayBePushed(name);
}

/** Whether a branch or tag may have come here by that name: Git itself takes more than what Slipway makes. Pure. */
export function mayBePushed(name: string): boolean {
  if (name === '' || !name.isWellFormed() || Buffer.byteLength(name) > MAX_REF_BYTES || NEVER.test(name) || name.endsWith('.'))
    return false;
  return name.split('/').every((part) => part !== '' && !part.startsWith('.') && !part.endsWith('.lock'));
}

/** @throws DomainError */
export function checkBranchName(name: string): void {
  if (isBranchName(name)) return;
  throw new DomainError(
    'bad_input',
    'bad_branch_name',
    `"${shorten(name, MAX_BYTES)}" can't be the name of a branch: a name has at most ${MAX_BYTES} bytes, no spaces, none of ~ ^ : ? * [ \\, no "-" at the beginning, and no ".." or "@{". Choose another, like "feature/login".`,
  );
}

export const refOfBranch = (name: string): string => `refs/heads/${name}`;
