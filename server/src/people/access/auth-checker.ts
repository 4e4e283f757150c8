import type { AuthCheckerFn } from 'type-graphql';
import type { Decision, GraphContext } from '../../platform/http/context.js';
import type { Access, Target } from './access.js';
import type { Rule, Targets } from './can.js';
import type { TargetThing } from './target.js';

/**
 * The rule of each root field, asked before the field does anything, for subscriptions before they start. A rule is looked up once for a
 * request; a subscription's events share what was decided, and it is decided again when rights change.
 */
export function authChecker(access: Access): AuthCheckerFn<GraphContext, Rule> {
  return async ({ context, args }, [rule]) => {
    if (!rule) throw new Error('Root fields are guarded with @Can, not with a bare @Authorized.');
    const targets = targetsOf(rule.targets, args);
    await decide(context, `${rule.permission} ${JSON.stringify(targets)}`, () => access.authorise(context.actor, rule.permission, targets))
      .made;
    return true;
  };
}

function decide(context: GraphContext, key: string, ask: () => Promise<void>): Decision {
  const known = context.decisions.get(key);
  if (known) return known;
  const decision = { made: ask(), again: ask };
  context.decisions.set(key, decision);
  return decision;
}

/** Throws when the rule names an argument that the field doesn't have: a guard that guards nothing must not go unnoticed. */
function targetsOf(rule: Targets, args: Record<string, unknown>): Target[] {
  const targets: Target[] = [];
  for (const [thing, argument] of Object.entries(rule) as [TargetThing, string][]) {
    const optional = argument.endsWith('?');
    const id = valueAt(args, optional ? argument.slice(0, -1) : argument);
    if (typeof id === 'string') targets.push({ thing, id });
    else if (!optional || (id !== null && id !== undefined))
      throw new Error(`@Can expects the id of a ${thing} in the argument "${argument}".`);
  }
  return targets;
}

function valueAt(args: Record<string, unknown>, path: string): unknown {
  return path.split('.').reduce<unknown>((value, name) => (value as Record<string, unknown> | null | undefined)?.[name], args);
}
