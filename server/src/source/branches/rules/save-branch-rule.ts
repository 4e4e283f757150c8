import type { Database, Tx } from '../../../platform/database.js';
import { DomainError, notFound } from '../../../platform/errors.js';
import { newId } from '../../../platform/ids.js';
import { jsonb } from '../../../platform/storable.js';
import { branchRepository } from '../branch-repository.js';
import { type BranchRuleSettings, checkRule } from './branch-rule.js';

/** All of them go to the hook of a push in its environment. */
const MAX_RULES = 50;

/** @returns the new rule's id */
export function createBranchRule(db: Database, repositoryId: string, settings: BranchRuleSettings, userId: string): Promise<string> {
  checkRule(settings);
  return db.transaction(async (tx) => {
    await branchRepository(tx, repositoryId);
    await tx.query('select 1 from repositories where id = $1 for update', [repositoryId]);
    await checkRoom(tx, repositoryId);
    const id = newId();
    const [made] = await tx.query<{ id: string }>(
      `insert into branch_rules (id, repository_id, pattern, push_role, allow_force, allow_delete, required_jobs, environments)
       values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (repository_id, pattern) do nothing returning id`,
      [id, repositoryId, ...columnsOf(settings)],
    );
    if (!made) throw ruleExists(settings.pattern);
    await record(tx, repositoryId, 'branch_rule_created', userId, { id, ...settings });
    return id;
  });
}

export function updateBranchRule(db: Database, id: string, settings: BranchRuleSettings, userId: string): Promise<void> {
  checkRule(settings);
  return db.transaction(async (tx) => {
    const repositoryId = await lockRule(tx, id);
    const [taken] = await tx.query('select 1 from branch_rules where repository_id = $1 and pattern = $2 and id <> $3', [
      repositoryId,
      settings.pattern,
      id,
    ]);
    if (taken) throw ruleExists(settings.pattern);
    await tx.query(
      `update branch_rules set pattern = $2, push_role = $3, allow_force = $4, allow_delete = $5, required_jobs = $6, environments = $7 where id = $1`,
      [id, ...columnsOf(settings)],
    );
    await record(tx, repositoryId, 'branch_rule_updated', userId, { id, ...settings });
  });
}

export function deleteBranchRule(db: Database, id: string, userId: string): Promise<void> {
  return db.transaction(async (tx) => {
    const repositoryId = await lockRule(tx, id);
    const [gone] = await tx.query<{ pattern: string }>('delete from branch_rules where id = $1 returning pattern', [id]);
    await record(tx, repositoryId, 'branch_rule_deleted', userId, { id, pattern: gone?.pattern });
  });
}

/** Rules of a repository change one after the other: its row is locked before theirs. */
async function lockRule(tx: Tx, id: string): Promise<string> {
  const [row] = await tx.query<{ id: string }>(
    'select r.id from repositories r where r.id = (select repository_id from branch_rules where id = $1) for update',
    [id],
  );
  const [there] = await tx.query('select 1 from branch_rules where id = $1', [id]);
  if (!row || !there) throw notFound('branch_rule', id);
  return row.id;
}

async function checkRoom(tx: Tx, repositoryId: string): Promise<void> {
  const [row] = await tx.query<{ count: number }>('select count(*)::int as count from branch_rules where repository_id = $1', [
    repositoryId,
  ]);
  if ((row?.count ?? 0) < MAX_RULES) return;
  throw new DomainError(
    'conflict',
    'too_many_rules',
    `A repository has at most ${MAX_RULES} branch rules. Use patterns such as "release/**", or delete rules that you no longer need.`,
  );
}

const columnsOf = ({ pattern, pushRole, allowForce, allowDelete, requiredJobs, environments }: BranchRuleSettings) => [
  pattern,
  pushRole,
  allowForce,
  allowDelete,
  [...new Set(requiredJobs)],
  environments && [...new Set(environments)],
];

const ruleExists = (pattern: string) =>
  new DomainError('conflict', 'rule_exists', `There is already a rule for "${pattern}". Change that one, or choose another pattern.`);

async function record(tx: Tx, repositoryId: string, event: string, by: string, details: object): Promise<void> {
  await tx.query(`insert into history (thing, thing_id, event, by_user, details) values ('repository', $1, $2, $3, $4)`, [
    repositoryId,
    event,
    by,
    jsonb(details),
  ]);
  tx.changed('repository', repositoryId);
}
