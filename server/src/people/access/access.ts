import type { Database } from '../../platform/database.js';
import { DomainError, notFound } from '../../platform/errors.js';
import type { Actor, Permission, Role } from './actor.js';
import { allowedTo, everybodyMay, isWithinProject, roleAllows } from './role.js';
import { projectLookup, type TargetThing } from './target.js';

export type Target = { thing: TargetThing; id: string };

type Standing = { projectId: string; role: Role | null };

/** Who may do what. The only place that decides it; GraphQL fields, REST routes and Git all ask here. */
export class Access {
  constructor(private readonly database: Database) {}

  /** Rejects with `unauthenticated`, `forbidden`, or the `not_found` of the thing: what a caller may not even read looks as if it did not exist. */
  async authorise(actor: Actor | null, permission: Permission, targets: Target[] = []): Promise<void> {
    if (!actor) throw signInFirst();
    if (targets.length === 0) return this.authoriseGlobally(actor, permission);
    const projects = await Promise.all(targets.map((target) => this.authoriseWithin(actor, permission, target)));
    const stranger = targets[projects.findIndex((project) => project !== projects[0])];
    if (stranger) throw notFound(stranger.thing, stranger.id);
  }

  /** The same as an answer. */
  async may(actor: Actor | null, permission: Permission, targets: Target[] = []): Promise<boolean> {
    try {
      await this.authorise(actor, permission, targets);
      return true;
    } catch (error) {
      if (error instanceof DomainError) return false;
      throw error;
    }
  }

  /** Ids of the projects that an actor may read; null: all of them. */
  async visibleProjects(actor: Actor): Promise<string[] | null> {
    if (actor.isAdmin) return null;
    const rows = await this.database.query<{ id: string }>('select project_id as id from project_members where user_id = $1', [
      actor.userId,
    ]);
    return rows.map((row) => row.id);
  }

  /** What an actor may do within each project. */
  async permissionsWithin(actor: Actor, projectIds: readonly string[]): Promise<Permission[][]> {
    if (actor.isAdmin) return projectIds.map(() => allowedTo('admin'));
    const rows = await this.database.query<{ id: string; role: Role }>(
      'select project_id as id, role from project_members where user_id = $1 and project_id = any($2)',
      [actor.userId, projectIds],
    );
    const roles = new Map(rows.map(({ id, role }) => [id, role]));
    return projectIds.map((id) => {
      const role = roles.get(id);
      return role ? allowedTo(role) : [];
    });
  }

  private authoriseGlobally(actor: Actor, permission: Permission): void {
    if (actor.isAdmin || everybodyMay(permission) || isWithinProject(permission)) return;
    throw new DomainError('forbidden', 'forbidden', `This needs the permission ${permission}, which only administrators have. Ask one.`);
  }

  private async authoriseWithin(actor: Actor, permission: Permission, target: Target): Promise<string> {
    const standing = await this.standing(actor, target);
    const reads = standing !== null && (actor.isAdmin || standing.role !== null);
    if (!reads) throw notFound(target.thing, target.id);
    if (!actor.isAdmin && standing.role !== null && !roleAllows(standing.role, permission)) {
      throw new DomainError(
        'forbidden',
        'forbidden',
        `Your role in this project is ${standing.role}, which does not allow ${permission}. Ask an administrator of the project for a higher one.`,
      );
    }
    return standing.projectId;
  }

  /** One statement: the thing's project and the actor's role in it. null: no such thing. */
  private async standing(actor: Actor, target: Target): Promise<Standing | null> {
    const lookup = projectLookup(target.thing, target.id);
    if (!lookup) return null;
    const [row] = await this.database.query<Standing>(
      `select found.project_id as "projectId", m.role from (${lookup}) found
       left join project_members m on m.project_id = found.project_id and m.user_id = $2`,
      [target.id, actor.userId],
    );
    return row ?? null;
  }
}

export const signInFirst = () =>
  new DomainError(
    'unauthenticated',
    'unauthenticated',
    'This needs a signed-in user. Sign in on the page, or send a token as "Authorization: Bearer slp_…".',
  );
