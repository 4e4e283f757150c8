import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runGit } from '../platform/git.js';
import { newId } from '../platform/ids.js';
import { parseRepositoryUrl, type RepositoryUrl, repositoryKey } from '../source/repositories/repository-url.js';
import { builtOnly } from './testing/pipelines.js';
import { type RestServer, serveRest } from './testing/serve-rest.js';

let rest: RestServer;
beforeAll(async () => {
  rest = await serveRest();
});
beforeEach(() => rest.reset());
afterAll(() => rest.close());

const details = (repo_url: string, more: Record<string, string> = {}, token?: string) =>
  rest.get('/repo/details', { repo_url, ...more }, token === undefined ? {} : { token });

/** A mirror of that address in a project of its own, or in the world's. */
async function external(url: string, projectId: string, name = 'mirror'): Promise<void> {
  const id = newId();
  const key = repositoryKey(parseRepositoryUrl(url) as RepositoryUrl);
  await rest.database.query(`insert into repositories (id, project_id, name, kind, address_key) values ($1, $2, $3, 'external', $4)`, [
    id,
    projectId,
    name,
    key,
  ]);
  await rest.database.query(`insert into mirrors (repository_id, url, host, webhook_secret) values ($1, $2, 'github', '')`, [id, url]);
}

async function otherProject(): Promise<{ id: string; name: string }> {
  const [id, name] = [newId(), `other-${newId().slice(-8)}`];
  await rest.database.query('insert into projects (id, name, owner_id) values ($1, $2, $3)', [id, name, rest.world.at.userId]);
  return { id, name };
}

describe('GET repo/details', () => {
  it('tells name, owner and branches of a hosted repository, by any of its addresses', async () => {
    await rest.push('main', builtOnly);
    await rest.push('feature/ü', builtOnly);
    const { project, repoUrl } = rest.known;
    const body = { repo_name: 'app', owner: 'Ada', branches: ['feature/ü', 'main'] };
    for (const url of [repoUrl, repoUrl.slice(0, -4), `/git/${project}/app.git`, `https://slipway.example/git/${project}/app.git`])
      expect(await details(url)).toMatchObject({ status: 200, body });
  });

  it('knows an external repository by https and by ssh, and its owner by its address', async () => {
    await external('https://github.com/Acme/tools/App.git', rest.world.at.projectId);
    for (const url of [
      'https://github.com/acme/tools/app',
      'git@github.com:Acme/tools/App.git',
      'ssh://git@github.com:22/acme/tools/app.git',
    ])
      expect(await details(url)).toMatchObject({ status: 200, body: { repo_name: 'mirror', owner: 'Acme/tools', branches: [] } });
  });

  it('asks for the project where several have the repository, but counts only those that one may see', async () => {
    const url = 'https://github.com/acme/web.git';
    const other = await otherProject();
    await external(url, rest.world.at.projectId);
    await external(url, other.id, 'copy');
    expect(await details(url)).toMatchObject({ status: 200, body: { repo_name: 'mirror' } });
    await rest.database.query(`insert into project_members (project_id, user_id, role) values ($1, $2, 'viewer')`, [
      other.id,
      rest.world.at.userId,
    ]);
    const two = await details(url);
    expect(two).toMatchObject({ status: 409, code: 'ambiguous_repository' });
    expect(two.message).toContain(`${other.name}/copy, ${rest.known.project}/mirror`);
    for (const project_id of [other.id, other.name])
      expect(await details(url, { project_id })).toMatchObject({ body: { repo_name: 'copy' } });
    expect(await details(url, { project_id: 'nowhere' })).toMatchObject({ status: 404, code: 'repository_not_found' });
  });

  it('prefers the external repository of an address that looks like one of Slipway elsewhere', async () => {
    await external(`https://gitea.example/git/${rest.known.project}/app.git`, rest.world.at.projectId);
    expect(await details(`https://gitea.example/git/${rest.known.project}/app.git`)).toMatchObject({ body: { repo_name: 'mirror' } });
    expect(await details(rest.known.repoUrl)).toMatchObject({ body: { repo_name: 'app' } });
  });

  it('does not find what is not there, or not to be seen, and makes no difference between the two', async () => {
    const unseen = await details(rest.known.repoUrl, {}, await rest.tokenFor(null));
    expect(unseen).toMatchObject({ status: 404, code: 'repository_not_found' });
    const missing = await details(rest.known.repoUrl.replace('app', 'nothing'));
    expect(missing).toMatchObject({ status: 404, code: 'repository_not_found' });
    expect(unseen.message.replace('app', 'nothing')).toBe(missing.message);
  });

  it.each(['-oProxyCommand=id', 'file:///etc', 'https://user:secret@github.com/a/b', 'ssh://%zz@github.com/a/b', 'nothing'])(
    'refuses the address %s',
    async (url) => {
      const answer = await details(url);
      expect(answer).toMatchObject({ status: 400, code: 'bad_input' });
      expect(answer.message).toMatch(/^"repo_url" can't be used\. /);
      expect(answer.message).not.toContain('secret');
    },
  );
});

describe('POST repo/branch', () => {
  const branch = (fields: Record<string, unknown>, token?: string) =>
    rest.post('/repo/branch', { repo_url: rest.known.repoUrl, ...fields }, token === undefined ? {} : { token });

  it('makes a branch at the default one or where one says, and its run starts as after a push', async () => {
    const first = await rest.push('main', builtOnly);
    await rest.push('main', { ...builtOnly, 'more.txt': 'more' });
    const made = await branch({ branch_name: 'release/1.4', from: first });
    expect(made).toMatchObject({ status: 201, body: { branch_name: 'release/1.4' } });
    expect(made.body.message).toContain(first.slice(0, 7));
    expect(await branch({ branch_name: 'next' })).toMatchObject({ status: 201 });
    expect((await details(rest.known.repoUrl)).body.branches).toEqual(['main', 'next', 'release/1.4']);
    const gitDir = rest.store.folder(rest.world.at.repositoryId);
    expect((await runGit(['rev-parse', 'refs/heads/release/1.4'], { gitDir })).trim()).toBe(first);
    const runs = await rest.database.query<{ branch: string }>('select branch from runs order by id');
    expect(runs.map((run) => run.branch)).toEqual(['main', 'main', 'release/1.4', 'next']);
  });

  it('refuses a name that is taken, can be none, or has nothing to start from', async () => {
    await rest.push('main', builtOnly);
    expect(await branch({ branch_name: 'main' })).toMatchObject({ status: 409, code: 'branch_exists' });
    expect(await branch({ branch_name: 'a..b' })).toMatchObject({ status: 400, code: 'bad_branch_name' });
    expect(await branch({ branch_name: '--help' })).toMatchObject({ status: 400, code: 'bad_branch_name' });
    expect(await branch({ branch_name: 'x', from: 'nothing' })).toMatchObject({ status: 404, code: 'revision_not_found' });
    expect(await branch({ branch_name: 7 })).toMatchObject({ status: 400, code: 'bad_input' });
    expect(await branch({ branch_name: 'x', from: true })).toMatchObject({ status: 400, code: 'bad_input' });
  });

  it('needs the right to push', async () => {
    await rest.push('main', builtOnly);
    expect(await branch({ branch_name: 'x' }, await rest.tokenFor('viewer'))).toMatchObject({ status: 403, code: 'forbidden' });
    expect(await branch({ branch_name: 'x' }, await rest.tokenFor(null))).toMatchObject({ status: 404, code: 'repository_not_found' });
    expect(await branch({ branch_name: 'x' }, await rest.tokenFor('developer'))).toMatchObject({ status: 201 });
  });
});
