import { RunQueries } from '../../../build/runs/run.queries.js';
import { branchResolvers, composeBranches } from '../../../compose/branches.js';
import type { Role } from '../../../people/access/actor.js';
import type { Database } from '../../../platform/database.js';
import { newId } from '../../../platform/ids.js';
import { aRepository } from '../../../testing/builders.js';
import { testDatabase } from '../../../testing/database.js';
import { testGraph } from '../../../testing/graphql.js';
import type { Mirrors } from '../../mirrors/ports.js';
import { RepositoryQueries } from '../../repositories/repositories.queries.js';
import { RepositoryResolver } from '../../repositories/repository.resolver.js';
import { ProjectRepositoriesResolver } from '../../repositories/repository-edges.resolver.js';
import { hosting, serveGit, tokensOfUsers } from '../../repositories/testing/hosted.js';
import { WorkTree } from '../../repositories/testing/work-tree.js';
import type { BranchRuleSettings } from '../rules/branch-rule.js';
import { pushRulesFor } from '../rules/push-rules.js';
import { createBranchRule } from '../rules/save-branch-rule.js';

/** A repository with the real Git remote over HTTP, journal, rows and use cases; `userId` is admin of its project. */
export async function branchWorld(mirrors?: Pick<Mirrors, 'push'>) {
  const db = await testDatabase();
  const hosted = await hosting({ db });
  const pushes = hosted.ingest();
  const at = await aRepository(db);
  const { repositoryId: id, userId, projectId } = at;
  await hosted.store.init(id);
  const access = tokensOfUsers(
    db,
    () => true,
    () => true,
  );
  const pushRules = (repository: string, user: string) => pushRulesFor(db, repository, user);
  const remote = await serveGit({
    ...access,
    store: hosted.store,
    pushes,
    pushed: () => undefined,
    pushRules,
    publicUrl: 'http://slipway.test',
    log: hosted.log,
  });
  const tree = await WorkTree.make();
  const branches = composeBranches({ database: db, store: hosted.store, pushes, ...(mirrors ? { mirrors } : {}) });
  const repositories = new RepositoryQueries(db);
  const urlFor = (user: string) => remote.url('me', `token-of-${user}`, `p-${projectId.slice(-12)}/app.git`);
  return {
    ...at,
    id,
    db,
    hosted,
    tree,
    branches,
    gitDir: hosted.store.folder(id),
    urlFor,

    /** Over HTTP, and into rows. */
    async push(...refs: string[]): Promise<void> {
      await tree.git('push', '--quiet', urlFor(userId), ...refs);
      await pushes.ingest(id);
    },

    async head(branch: string): Promise<string> {
      return (await tree.git(`--git-dir=${hosted.store.folder(id)}`, 'rev-parse', `refs/heads/${branch}`)).trim();
    },

    /** Of the bare repository. */
    git: (...args: string[]) => tree.git(`--git-dir=${hosted.store.folder(id)}`, ...args),

    rule: (pattern: string, over: Partial<BranchRuleSettings> = {}) => createBranchRule(db, id, { ...NO_RULE, pattern, ...over }, userId),

    graph: () =>
      testGraph(db, [
        new RepositoryResolver(repositories, () => Promise.reject(new Error('None is made here.'))),
        new ProjectRepositoriesResolver(repositories),
        ...branchResolvers({ database: db, branches, repositories, runs: new RunQueries(db) }),
      ]),

    close: async () => {
      await remote.app.close();
      await hosted.remove();
      await tree[Symbol.asyncDispose]();
      await db.close();
    },
  };
}

const NO_RULE = { pushRole: null, allowForce: false, allowDelete: false, requiredJobs: [], environments: null };

export async function aMember(db: Database, projectId: string, role: Role): Promise<string> {
  const userId = newId();
  await db.query('insert into users (id, name, email) values ($1, $2, $3)', [userId, 'Grace <Hopper>', `${userId}@example.test`]);
  await db.query('insert into project_members (project_id, user_id, role) values ($1, $2, $3)', [projectId, userId, role]);
  return userId;
}
