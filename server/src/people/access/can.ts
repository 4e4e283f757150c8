import { Authorized, Extensions } from 'type-graphql';
import type { Permission } from './actor.js';
import type { TargetThing } from './target.js';

/**
 * Which argument names the thing whose project is checked: `{ run: 'id' }`. A dot reaches into an input (`input.projectId`). A question mark at the
 * end means that the argument may be missing (`environmentId?`), and then nothing is checked for it. Several things must all belong to one project.
 */
export type Targets = Partial<Record<TargetThing, string>>;

export type Rule = { permission: Permission; targets: Targets };

/**
 * Who may use a root field. Without targets: anyone signed in who holds the permission for the installation; for permissions
 * within projects it says "signed in", and the resolver lists only `access.visibleProjects(actor)`.
 *
 * Checked in one place, the authChecker of auth-checker.ts; for subscriptions before they start.
 */
export function Can(permission: Permission, targets: Targets = {}): MethodDecorator {
  const rule: Rule = { permission, targets };
  const authorized = Authorized<Rule>([rule]) as MethodDecorator;
  const extensions = Extensions({ rule }) as MethodDecorator;
  return (target, key, descriptor) => {
    authorized(target, key, descriptor);
    extensions(target, key, descriptor);
  };
}
