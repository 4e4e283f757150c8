import type { Access } from '../people/access/access.js';
import type { Permission } from '../people/access/actor.js';
import type { Database } from '../platform/database.js';
import { DomainError, notFound } from '../platform/errors.js';
import { isBadUrl, parseRepositoryUrl, type RepositoryUrl, repositoryKey } from '../source/repositories/repository-url.js';
import type { Caller } from './call.js';

export type FoundRepository = {
  id: string;
  projectId: string;
  project: string;
  name: string;
  /** Name of the project's owner. */
  owner: string;
  /** At the code host; null for a hosted repository. */
  url: string | null;
};

/** `projectId`: id or name of the project, where the address alone does not say which repository. */
export type RepositoryAddress = { url: string; projectId: string | undefined };

export type FindRepository = (address: RepositoryAddress, permission: Permission, caller: Caller) => Promise<FoundRepository>;

/** The parts of an address: names at this Slipway, and what an external repository goes by. */
type Meaning = { project: string | null; repository: string | null; key: string | null };

const CLONE_PATH = /^git\/([^/]+)\/([^/]+?)(?:\.git)?$/;

/**
 * The repository that an address means, when the caller may see it and holds the permission. Repositories that the caller may not see
 * make no address ambiguous, and an address that means one of them means nothing.
 */
export function findRepositoryWith({ database, access, publicUrl }: { database: Database; access: Access; publicUrl: string | null }) {
  return async (address: RepositoryAddress, permission: Permission, caller: Caller): Promise<FoundRepository> => {
    const meaning = meaningOf(address.url, [caller.origin, ...(publicUrl ? [publicUrl] : [])]);
    const visible = await access.visibleProjects(caller.actor);
    const found = await search(database, meaning, visible);
    const chosen = found.filter(({ projectId, project }) => [undefined, projectId, project].includes(address.projectId));
    const [repository] = chosen;
    if (!repository) throw notFound('repository', address.url);
    if (chosen.length > 1) throw ambiguous(address.url, chosen);
    await access.authorise(caller.actor, permission, [{ thing: 'repository', id: repository.id }]);
    return repository;
  };
}

/** @param own addresses that this server goes by; under another host the path of a clone address may be a code host's as well */
function meaningOf(text: string, own: readonly string[]): Meaning {
  if (text.startsWith('/git/')) return atSlipway(text.slice(1));
  const url = parseRepositoryUrl(text);
  if (isBadUrl(url)) throw new DomainError('bad_input', 'bad_input', `"repo_url" can't be used. ${url.message}`);
  const here = url.scheme === 'ssh' ? NOWHERE : atSlipway(url.path);
  const isOwn = own.some((origin) => new URL(origin).host === hostOf(url));
  return isOwn && here.project !== null ? here : { ...here, key: repositoryKey(url) };
}

const NOWHERE: Meaning = { project: null, repository: null, key: null };

function atSlipway(path: string): Meaning {
  const [, project, repository] = CLONE_PATH.exec(path) ?? [];
  return project && repository ? { project, repository, key: null } : NOWHERE;
}

const hostOf = ({ hostname, port }: RepositoryUrl): string => (port === null ? hostname : `${hostname}:${port}`);

/** What is known by the whole address goes before what has only the path of a clone address. */
async function search(database: Database, { project, repository, key }: Meaning, visible: string[] | null): Promise<FoundRepository[]> {
  const rows = await database.query<FoundRepository & { byKey: boolean }>(
    `select r.id, r.project_id as "projectId", p.name as project, r.name, u.name as owner, m.url, r.address_key is not distinct from $3 as "byKey"
     from repositories r join projects p on p.id = r.project_id join users u on u.id = p.owner_id left join mirrors m on m.repository_id = r.id
     where r.id in (select id from repositories where address_key = $3
         union select n.id from projects o join repositories n on n.project_id = o.id where o.name = $1 and n.name = $2)
       and ($4::uuid[] is null or r.project_id = any($4)) order by p.name, r.name`,
    [project, repository, key, visible],
  );
  const known = key === null ? [] : rows.filter((row) => row.byKey);
  return known.length > 0 ? known : rows;
}

function ambiguous(url: string, found: readonly FoundRepository[]): DomainError {
  const names = found.map(({ project, name }) => `${project}/${name}`).join(', ');
  return new DomainError(
    'conflict',
    'ambiguous_repository',
    `"${url}" is the address of several repositories: ${names}. Say which with "project_id": the name or id of its project.`,
  );
}
