import type { Tx } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import type { Refusal } from './deployment.js';

type Reader = Pick<Tx, 'query'>;

/** An environment by its id, or by its project and name. */
type Place = { environmentId: string } | { projectId: string; environment: string };

/** The repository of the release, or the release itself. */
type From = { releaseId: string } | { repositoryId: string };

/**
 * Why a release may not be deployed to an environment that runs the application of another repository; null: it may. An environment runs one
 * application, and belongs to the repository whose release serves there: two repositories that deploy to it in turn would each replace the other's
 * application without notice.
 */
export async function otherRepositoryRefusal(tx: Reader, place: Place, from: From): Promise<Refusal | null> {
  const [at, key] = 'environmentId' in place ? ['e.id = $1', [place.environmentId]] : NAMED(place);
  const own = key.length + 1;
  const [other] = await tx.query<{ environment: string; owner: string; number: number; own: string }>(
    `select e.name as environment, o.name as owner, l.number, r.name as own
     from environments e join releases l on l.id = e.current_release_id join repositories o on o.id = l.repository_id
     join repositories r on r.id = ${'releaseId' in from ? `(select repository_id from releases where id = $${own})` : `$${own}::uuid`}
     where ${at} and e.state = 'active' and r.id <> o.id`,
    [...key, 'releaseId' in from ? from.releaseId : from.repositoryId],
  );
  if (!other) return null;
  const { environment, owner, number, own: name } = other;
  return {
    reason: 'other_repository',
    message: `"${environment}" belongs to the repository "${owner}": its release #${number} serves there, and a release of "${name}" would replace it. Deploy "${name}" to another environment, e.g. "${environment}-${name}", or delete "${environment}" first if it is to belong to "${name}".`,
  };
}

const NAMED = ({ projectId, environment }: { projectId: string; environment: string }): [string, string[]] => [
  'e.project_id = $1 and e.name = $2',
  [projectId, environment],
];

/** @throws DomainError, see {@link otherRepositoryRefusal} */
export async function mustBeOfRepository(tx: Reader, environmentId: string, from: From): Promise<void> {
  const refusal = await otherRepositoryRefusal(tx, { environmentId }, from);
  if (refusal) throw new DomainError('conflict', refusal.reason, refusal.message);
}
