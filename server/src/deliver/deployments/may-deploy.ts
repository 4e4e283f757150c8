import { userMay } from '../../people/access/user-may.js';
import type { Tx } from '../../platform/database.js';
import { entryRefusal, environmentRefusal } from '../../source/branches/rules/environment-rule.js';
import type { DeploymentKind, Refusal } from './deployment.js';
import { otherRepositoryRefusal } from './other-repository.js';

export type WantedDeployment = {
  projectId: string;
  /** Its name, because the environment may not exist yet. */
  environment: string;
  releaseId: string;
  kind: DeploymentKind;
  /** Who requested it; null: nobody that Slipway knows, as with a push at a code host. */
  by: string | null;
};

/**
 * Why a release may not go to an environment now; null: it may. Asked when a deployment is made and again when its turn comes, as rights and
 * rules may have changed while it waited. A person needs the right; nobody known needs a rule, made by such a person, that names the environment.
 */
export async function deployRefusal(tx: Pick<Tx, 'query'>, wanted: WantedDeployment): Promise<Refusal | null> {
  const { by, environment, releaseId, projectId } = wanted;
  if (by !== null && !(await userMay(tx, by, 'deployment.create', projectId))) return notAllowed(environment);
  const other = await otherRepositoryRefusal(tx, { projectId, environment }, { releaseId });
  if (other) return other;
  // Rolling back to what was once allowed there is always possible.
  if (wanted.kind === 'rollback') return by === null ? notAllowed(environment) : null;
  const refusal = await environmentRefusal(tx, releaseId, environment);
  if (refusal || by !== null) return refusal;
  return entryRefusal(tx, releaseId, environment);
}

const notAllowed = (environment: string): Refusal => ({
  reason: 'not_allowed',
  message: `The person who asked for this may not deploy in this project. The release exists: ask a deployer to deploy it to "${environment}", or an administrator for the role of deployer.`,
});
