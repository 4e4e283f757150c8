import type { Tx } from '../../../platform/database.js';
import { newId } from '../../../platform/ids.js';
import { jsonb } from '../../../platform/storable.js';
import { branchOf, isZero, type RefUpdate, tagOf } from './receive-journal.js';

/** Why a push started no run. */
export type NoRunReason = { code: string; message: string };

/** Of a push that was set aside, see docs/operations.md. */
export const SET_ASIDE: NoRunReason = {
  code: 'set_aside',
  message:
    'Slipway could not process this push, and set it aside. An administrator finds it under "Set aside" with the error, and can try it again.',
};

export type NewPush = RefUpdate & { id: string; commits: number; forced: boolean; noRun: NoRunReason | null };

/** A ref as it stands after some updates. @param commit null: it is gone, or names no commit */
export type RefState = { ref: string; commit: string | null; at: Date };

/**
 * Locks the repository's row: pushes become rows one after the other, in the journal's order. No stronger than that: whoever adds a row that
 * belongs to the repository, as a webhook does, must not wait for an import.
 * @returns how far they have; undefined: it is gone
 */
export async function lockJournal(tx: Tx, repositoryId: string): Promise<number | undefined> {
  const [row] = await tx.query<{ offset: string }>('select journal_offset as offset from repositories where id = $1 for no key update', [
    repositoryId,
  ]);
  return row && Number(row.offset);
}

export async function moveJournal(tx: Tx, repositoryId: string, end: number): Promise<void> {
  await tx.query('update repositories set journal_offset = $2 where id = $1', [repositoryId, end]);
}

/** One statement, however many. */
export async function insertPushes(tx: Tx, repositoryId: string, pushes: readonly NewPush[]): Promise<void> {
  const rows = pushes.map((push) => ({
    id: push.id,
    journal_offset: push.offset,
    ref: push.ref,
    old_sha: push.oldSha,
    new_sha: push.newSha,
    commits: push.commits,
    pusher: push.pusher,
    pushed_at: push.at.toISOString(),
    cause: push.cause,
    forced: push.forced,
    no_run_code: push.noRun?.code ?? null,
    no_run_message: push.noRun?.message ?? null,
  }));
  await tx.query(
    `insert into pushes (id, repository_id, journal_offset, ref, old_sha, new_sha, commits, pushed_by, pushed_at, cause, forced, no_run_code, no_run_message)
     select p.id, $1, journal_offset, ref, old_sha, new_sha, commits, u.id, pushed_at, cause, forced, no_run_code, no_run_message
     from jsonb_to_recordset($2::jsonb) as p (id uuid, journal_offset bigint, ref text, old_sha text, new_sha text, commits integer, pusher uuid,
       pushed_at timestamptz, cause text, forced boolean, no_run_code text, no_run_message text)
     left join users u on u.id = p.pusher`,
    [repositoryId, jsonb(rows)],
  );
}

/** Branches and tags become what the refs are: each ref once. */
export async function moveRefs(tx: Tx, repositoryId: string, refs: readonly RefState[]): Promise<void> {
  const named = { branches: byName(refs, branchOf), tags: byName(refs, tagOf) };
  await upsert(tx, 'branches', 'head_sha', repositoryId, named.branches);
  await upsert(tx, 'tags', 'sha', repositoryId, named.tags);
}

type Named = { id: string; name: string; commit: string | null; at: string };

function byName(refs: readonly RefState[], nameOf: (ref: string) => string | null): Named[] {
  return refs.flatMap(({ ref, commit, at }) => {
    const name = nameOf(ref);
    return name === null ? [] : [{ id: newId(), name, commit, at: at.toISOString() }];
  });
}

async function upsert(tx: Tx, table: 'branches' | 'tags', column: 'head_sha' | 'sha', repositoryId: string, refs: Named[]): Promise<void> {
  const gone = refs.filter((ref) => ref.commit === null).map((ref) => ref.name);
  const there = refs.filter((ref) => ref.commit !== null);
  if (gone.length > 0) await tx.query(`delete from ${table} where repository_id = $1 and name = any($2)`, [repositoryId, gone]);
  if (there.length === 0) return;
  await tx.query(
    `insert into ${table} (id, repository_id, name, ${column}, updated_at)
     select id, $1, name, commit, at from jsonb_to_recordset($2::jsonb) as r (id uuid, name text, commit text, at timestamptz)
     on conflict (repository_id, name) do update set ${column} = excluded.${column}, updated_at = excluded.updated_at`,
    [repositoryId, jsonb(there)],
  );
}

/** Names that are taken for the default branch before any other, the first of them first. */
export const USUAL_BRANCHES: readonly string[] = ['main', 'master'];

/**
 * If there is no default branch, chooses one: a branch with a usual name, else the one that was pushed first. The caller makes sure that all branches
 * of a push are here, so that their order within the push does not matter.
 */
export async function adoptDefaultBranch(tx: Pick<Tx, 'query'>, repositoryId: string): Promise<void> {
  await tx.query(
    `update repositories r set default_branch = (
       select b.name from branches b
       where b.repository_id = r.id
       order by array_position($2::text[], b.name), (select min(p.journal_offset) from pushes p where p.repository_id = r.id and p.ref = 'refs/heads/' || b.name), b.name
       limit 1)
     where r.id = $1 and r.default_branch is null`,
    [repositoryId, USUAL_BRANCHES],
  );
}

export const isGone = (update: RefUpdate): boolean => isZero(update.newSha);
