import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';

/** A branch or tag as recorded: its commit is stored. */
export type NamedRef = { ref: string; name: string; sha: string };

const FOLDERS = { branch: 'refs/heads/', tag: 'refs/tags/' } as const;

/**
 * The branch or tag with this name; a branch takes precedence over a tag of the same name, unless the full ref is given.
 * @param name null: the default branch
 */
export async function findRef(db: Pick<Database, 'query'>, repositoryId: string, name: string | null): Promise<NamedRef | undefined> {
  const as = (folder: string, other: string) =>
    name?.startsWith(folder) ? name.slice(folder.length) : name?.startsWith(other) ? null : name;
  const [found] = await db.query<NamedRef>(
    `select ref, name, sha from (
       select 0 as place, 'refs/heads/' || b.name as ref, b.name, b.head_sha as sha from branches b join repositories r on r.id = b.repository_id
         where r.id = $1 and b.name = case when $4 then r.default_branch else $2 end
       union all select 1, 'refs/tags/' || t.name, t.name, t.sha from tags t where t.repository_id = $1 and t.name = $3) refs order by place limit 1`,
    [repositoryId, as(FOLDERS.branch, FOLDERS.tag), as(FOLDERS.tag, FOLDERS.branch), name === null],
  );
  return found;
}

export function noSuchRef(name: string | null): DomainError {
  if (name === null)
    return new DomainError(
      'conflict',
      'repository_empty',
      'Nothing has been pushed to this repository yet. Push a branch first; that starts a run by itself.',
    );
  return new DomainError(
    'not_found',
    'branch_not_found',
    `There is no branch or tag "${name}" in this repository. Check its name, or push it first.`,
  );
}
