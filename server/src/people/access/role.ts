import type { Permission, Role } from './actor.js';

const VIEWER: Permission[] = ['project.read'];
const DEVELOPER: Permission[] = [...VIEWER, 'repository.push', 'run.trigger', 'run.cancel', 'job.retry'];
const DEPLOYER: Permission[] = [...DEVELOPER, 'deployment.create'];
const ADMIN: Permission[] = [...DEPLOYER, 'repository.create', 'repository.manage', 'environment.manage', 'secret.write'];

/** What a role allows within its project; each role holds all of the one before. */
const ALLOWS: Record<Role, ReadonlySet<Permission>> = {
  viewer: new Set(VIEWER),
  developer: new Set(DEVELOPER),
  deployer: new Set(DEPLOYER),
  admin: new Set(ADMIN),
};

/** Permissions about the whole installation that everybody signed in holds; the others of that kind are for administrators. */
const FOR_EVERYBODY: ReadonlySet<Permission> = new Set<Permission>(['account.manage', 'project.create', 'agent.read']);

export const roleAllows = (role: Role, permission: Permission): boolean => ALLOWS[role].has(permission);

export const allowedTo = (role: Role): Permission[] => [...ALLOWS[role]];

/** Whether a permission is about a project; it may then be asked without naming one, to list what one may see. */
export const isWithinProject = (permission: Permission): boolean => ALLOWS.admin.has(permission);

export const everybodyMay = (permission: Permission): boolean => FOR_EVERYBODY.has(permission);
