import type { Database } from '../../../platform/database.js';
import { roleIn } from '../branch-repository.js';
import { mayPush, whoMayPush } from './branch-rule.js';
import { rulesOf } from './branch-rule.queries.js';

/** A branch rule as hooks/check-branch-rules.mjs reads it, decided for one pusher. */
export type PushRule = {
  pattern: string;
  push: boolean;
  force: boolean;
  delete: boolean;
  /** Who may, for the message. */
  who: string;
};

/** The rules of a repository for the person who pushes, the most specific first. */
export async function pushRulesFor(db: Database, repositoryId: string, userId: string): Promise<PushRule[]> {
  const rules = await rulesOf(db, repositoryId);
  if (rules.length === 0) return [];
  const role = await roleIn(db, repositoryId, userId);
  return rules.map((rule) => ({
    pattern: rule.pattern,
    push: mayPush(rule, role),
    force: rule.allowForce,
    delete: rule.allowDelete,
    who: whoMayPush(rule),
  }));
}
