import { expect, it } from 'vitest';
import { testDatabase } from '../../testing/database.js';
import { serveGit, tokensOfUsers } from '../repositories/testing/hosted.js';
import { WorkTree } from '../repositories/testing/work-tree.js';
import { PIPELINE, pullRequestWorld } from './testing/pull-request-world.js';

it('a job fetches the merge by its sha, as agents do; nobody is shown its ref', async () => {
  const db = await testDatabase();
  const world = await pullRequestWorld(db);
  const access = tokensOfUsers(
    db,
    () => true,
    () => false,
  );
  const log = { error: () => undefined, warn: () => undefined };
  const remote = await serveGit({
    ...access,
    store: world.store,
    pushes: { ingest: async () => undefined },
    pushed: () => undefined,
    pushRules: async () => [],
    publicUrl: 'http://slipway.test',
    log,
  });
  await using agent = await WorkTree.make();
  try {
    await world.commit('main', { '.slipway.yml': PIPELINE });
    const head = await world.commit('feature', { 'b.txt': 'two\n' });
    await world.news.changed(world.repositoryId, await world.facts({ headSha: head }));
    const merge = (await world.runs())[0]?.commitSha ?? '';
    const [project] = await db.query<{ name: string }>('select name from projects where id = $1', [world.projectId]);
    const path = `${project?.name}/app.git`;
    const asJob = remote.url('job', `job-of-${world.repositoryId}`, path);
    await agent.git(
      'fetch',
      '--quiet',
      '--prune',
      '--no-tags',
      asJob,
      '+refs/heads/*:refs/heads/host/*',
      '+refs/tags/*:refs/tags/*',
      merge,
    );
    expect(await agent.git('ls-tree', '--name-only', merge)).toBe('.slipway.yml\nb.txt\n');
    const asPerson = remote.url('ada', `token-of-${world.userId}`, path);
    expect(await agent.git('ls-remote', asPerson)).not.toContain(merge);
  } finally {
    await remote.app.close();
    await world.remove();
    await db.close();
  }
});
