import type { Access, Target } from '../people/access/access.js';
import type { Permission } from '../people/access/actor.js';
import { DomainError, notFound } from '../platform/errors.js';
import type { Caller, Refusal } from './call.js';

export const NO_REPOSITORY: Refusal = {
  status: 404,
  code: 'repository_not_found',
  why: 'No repository that you may see has this address.',
};
export const AMBIGUOUS: Refusal = {
  status: 409,
  code: 'ambiguous_repository',
  why: 'Several projects have this external repository. Say which with "project_id".',
};
export const NO_BRANCH: Refusal = { status: 404, code: 'branch_not_found', why: 'The repository has no such branch.' };
export const NO_ENVIRONMENT: Refusal = {
  status: 404,
  code: 'environment_not_found',
  why: 'There is no such environment that you may see.',
};
export const MANUAL_NOT_ALLOWED: Refusal = {
  status: 409,
  code: 'manual_not_allowed',
  why: 'The pipeline\'s "on" does not allow runs by hand.',
};
export const PIPELINE_INVALID: Refusal = {
  status: 409,
  code: 'pipeline_invalid',
  why: "The pipeline can't be read; the message says where.",
};

/** Asks for a right to something that REST calls by another name: what is not there, or not to be seen, is not found under that name. */
export async function authoriseAs(access: Access, caller: Caller, permission: Permission, target: Target, name: string): Promise<void> {
  try {
    await access.authorise(caller.actor, permission, [target]);
  } catch (error) {
    throw error instanceof DomainError && error.kind === 'not_found' ? notFound(name, target.id) : error;
  }
}
