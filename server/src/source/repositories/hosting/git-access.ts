import type { Actor, Permission } from '../../../people/access/actor.js';
import type { Database } from '../../../platform/database.js';

export type GitAccessDeps = {
  db: Database;
  /** Owner of an `Authorization` header: `Basic` with any user name and a token as password. null: nobody. */
  authenticate(authorization: string): Promise<Actor | null>;
  can(actor: Actor, permission: Permission, projectId: string): Promise<boolean>;
  /** The repository that a running job's token may read. */
  jobToken(token: string): Promise<{ repositoryId: string } | null>;
};

export type GitService = 'git-upload-pack' | 'git-receive-pack';

export type GitAccess =
  | { allowed: true; repositoryId: string /** User id, null for a job. */; userId: string | null }
  | { allowed: false; status: 401 | 403 | 404; message: string };

/** `address`: of an external repository at its host. */
type Found = { id: string; projectId: string; address: string | null };

const NO_SIGN_IN =
  'Sign in to use this repository: with any user name, and a token of yours as the password. Make a token on the account page of Slipway.\n';
const WRONG_SIGN_IN =
  'This token is unknown, expired or revoked. Make a new one on the account page of Slipway and use it as the password.\n';

/** Who may do what with a repository over HTTP. What somebody may not see looks as if it did not exist. */
export class GitGate {
  constructor(private readonly deps: GitAccessDeps) {}

  async check(authorization: string | undefined, project: string, repository: string, service: GitService): Promise<GitAccess> {
    if (!authorization) return refused(401, NO_SIGN_IN);
    const job = await this.jobOf(authorization);
    const actor = job ? null : await this.deps.authenticate(authorization);
    if (!job && !actor) return refused(401, WRONG_SIGN_IN);
    const found = await this.find(project, repository);
    if (!found) return unknown(project, repository);
    if (job) return jobAccess(job.repositoryId === found.id, found.id, service, project, repository);
    return actor ? this.userAccess(actor, found, service, project, repository) : refused(401, WRONG_SIGN_IN);
  }

  private async userAccess(actor: Actor, found: Found, service: GitService, project: string, repository: string): Promise<GitAccess> {
    if (!(await this.deps.can(actor, 'project.read', found.projectId))) return unknown(project, repository);
    if (service === 'git-receive-pack' && !(await this.deps.can(actor, 'repository.push', found.projectId))) {
      return refused(
        403,
        `You may read "${project}/${repository}", but not push to it. Ask an admin of the project for the role of developer.\n`,
      );
    }
    if (service === 'git-receive-pack' && found.address !== null) return refused(403, atItsHost(project, repository, found.address));
    return { allowed: true, repositoryId: found.id, userId: actor.userId };
  }

  private async jobOf(authorization: string): Promise<{ repositoryId: string } | null> {
    const [scheme, value] = authorization.split(' ');
    if (scheme?.toLowerCase() !== 'basic' || !value) return null;
    const [user, ...password] = Buffer.from(value, 'base64').toString('utf8').split(':');
    return user === 'job' ? this.deps.jobToken(password.join(':')) : null;
  }

  private async find(project: string, repository: string): Promise<Found | undefined> {
    const [row] = await this.deps.db.query<Found>(
      `select r.id, r.project_id as "projectId", m.url as address
       from repositories r join projects p on p.id = r.project_id left join mirrors m on m.repository_id = r.id
       where p.name = $1 and r.name = $2`,
      [project, repository],
    );
    return row;
  }
}

function jobAccess(own: boolean, repositoryId: string, service: GitService, project: string, repository: string): GitAccess {
  if (!own) return unknown(project, repository);
  if (service === 'git-receive-pack') return refused(403, 'A job may read its repository, but not push to it.\n');
  return { allowed: true, repositoryId, userId: null };
}

/** A push here would be undone by the next fetch. */
const atItsHost = (project: string, repository: string, address: string) =>
  `"${project}/${repository}" is a copy of ${address}. Push there: git push ${address}\n`;

const refused = (status: 401 | 403 | 404, message: string): GitAccess => ({ allowed: false, status, message });

const unknown = (project: string, repository: string): GitAccess =>
  refused(404, `There is no repository "${project}/${repository}" that you may see. Check the address; the project's page shows it.\n`);
