import type { Database } from '../../platform/database.js';
import { manyEach, oneEach } from '../../platform/graphql/batch.js';
import type { PipelineProblem } from '../pipelines/pipeline.js';
import type { RunTrigger } from './ports.js';
import type { RunState } from './run-state.js';
import { type WorkedTime, workedMs, workingSince } from './worked-time.js';

export type RunView = {
  id: string;
  number: number;
  state: RunState;
  trigger: RunTrigger;
  branch: string;
  ref: string;
  commitSha: string;
  headSha: string;
  trusted: boolean;
  projectId: string;
  repositoryId: string;
  triggeredById: string | null;
  problems: PipelineProblem[];
  createdAt: Date;
  startedAt: Date | null;
  finishedAt: Date | null;
};

const COLUMNS = `id, number, state, trigger, branch, coalesce(ref, 'refs/heads/' || branch) as ref,
  commit_sha as "commitSha", coalesce(head_sha, commit_sha) as "headSha", trusted, project_id as "projectId", repository_id as "repositoryId",
  triggered_by as "triggeredById", coalesce(problems, '[]') as problems, created_at as "createdAt", started_at as "startedAt", finished_at as "finishedAt"`;

export type RunFilter = { branch?: string | undefined; state?: RunState | undefined };

/** How many earlier runs the expected duration is the median of. */
const SAMPLE = 10;

/** Read models of runs. Ids sort by time, so "newest first" is one index scan. */
export class RunQueries {
  constructor(private readonly database: Database) {}

  async byIds(ids: readonly string[]): Promise<(RunView | null)[]> {
    const rows = await this.database.query<RunView>(`select ${COLUMNS} from runs where id = any($1)`, [ids]);
    return oneEach(ids, rows, (row) => row.id);
  }

  async byId(id: string): Promise<RunView | null> {
    return (await this.byIds([id]))[0] ?? null;
  }

  async byNumber(project: string, repository: string, number: number): Promise<RunView | null> {
    const [run] = await this.database.query<{ id: string }>(
      `select u.id from runs u join repositories r on r.id = u.repository_id join projects p on p.id = r.project_id
       where p.name = $1 and r.name = $2 and u.number = $3`,
      [project, repository, number],
    );
    return run ? this.byId(run.id) : null;
  }

  /** A page of each project's runs. @param before id of the run after which the page begins; one row more than `limit` is read, to know whether there are more. */
  async ofProjects(projectIds: readonly string[], filter: RunFilter, limit: number, before: string | null): Promise<RunView[][]> {
    const rows = await this.database.query<RunView>(
      `select r.* from unnest($1::uuid[]) as p(id) cross join lateral (
         select ${COLUMNS} from runs where project_id = p.id and ($2::text is null or branch = $2) and ($3::text is null or state = $3)
           and ($4::uuid is null or id < $4) order by id desc limit $5) r`,
      [projectIds, filter.branch ?? null, filter.state ?? null, before, limit + 1],
    );
    return manyEach(projectIds, rows, (row) => row.projectId);
  }

  async lastOfProjects(projectIds: readonly string[]): Promise<(RunView | null)[]> {
    const rows = await this.database.query<RunView>(
      `select r.* from unnest($1::uuid[]) as p(id) cross join lateral (select ${COLUMNS} from runs where project_id = p.id order by id desc limit 1) r`,
      [projectIds],
    );
    return oneEach(projectIds, rows, (row) => row.projectId);
  }

  async ofPushes(pushIds: readonly string[]): Promise<(RunView | null)[]> {
    const rows = await this.database.query<RunView & { pushId: string }>(
      `select push_id as "pushId", ${COLUMNS} from runs where push_id = any($1)`,
      [pushIds],
    );
    return oneEach(pushIds, rows, (row) => row.pushId);
  }

  /**
   * Newest first: runs at a commit, and those at a merge that was made with it.
   * @param keys repository and sha
   */
  async ofCommits(keys: readonly { repositoryId: string; sha: string }[], limit: number): Promise<RunView[][]> {
    const rows = await this.database.query<RunView & { place: number }>(
      `select k.place::int, r.* from unnest($1::uuid[], $2::text[]) with ordinality as k (repository, sha, place) cross join lateral (
         select ${COLUMNS} from runs where id in (
           (select id from runs where repository_id = k.repository and commit_sha = k.sha order by id desc limit $3)
           union (select id from runs where repository_id = k.repository and head_sha = k.sha order by id desc limit $3))
         order by id desc limit $3) r`,
      [keys.map((key) => key.repositoryId), keys.map((key) => key.sha), limit],
    );
    return manyEach(
      keys.map((_, n) => n + 1),
      rows,
      (row) => row.place,
    );
  }

  /** Who had a job of each run tried again last; null: nobody. */
  async retriedBy(runIds: readonly string[]): Promise<({ runId: string; userId: string } | null)[]> {
    const rows = await this.database.query<{ runId: string; userId: string }>(
      `select distinct on (run_id) run_id as "runId", retried_by as "userId" from jobs
       where run_id = any($1) and retried_by is not null order by run_id, id desc`,
      [runIds],
    );
    return oneEach(runIds, rows, (row) => row.runId);
  }

  async workedTimes(runIds: readonly string[]): Promise<WorkedTime[]> {
    const rows = await this.database.query<WorkedTime & { id: string }>(
      `select r.id, ${workedMs('r.id')} as "workedMs", ${workingSince('r.id')} as "workingSince" from unnest($1::uuid[]) as r(id)`,
      [runIds],
    );
    return oneEach(runIds, rows, (row) => row.id).map((row) => row ?? { workedMs: 0, workingSince: null });
  }

  /** Median of the last successful runs of the same branch, in milliseconds; null when there is none. */
  async expectedMs(runIds: readonly string[]): Promise<(number | null)[]> {
    const rows = await this.database.query<{ id: string; ms: number | null }>(
      `select r.id, (select round(percentile_cont(0.5) within group (order by e.ms))::int
         from (select ${workedMs('e.id')} as ms from runs e where e.repository_id = r.repository_id and e.branch = r.branch and e.trigger = r.trigger
               and e.state = 'succeeded' and e.id < r.id order by e.id desc limit ${SAMPLE}) e) as ms
       from runs r where r.id = any($1)`,
      [runIds],
    );
    return oneEach(runIds, rows, (row) => row.id).map((row) => row?.ms ?? null);
  }
}
