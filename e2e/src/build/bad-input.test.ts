import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Api, type RunFacts } from '../api.js';
import { Installation } from '../installation.js';
import { expectInvariants } from '../invariants.js';
import { WorkingCopy } from '../working-copy.js';

const APP = 'app:\n  start: exec node server.mjs\n';

/** Mistakes that people make: each is answered by what is wrong, why, and what to do, and nothing is half made. */
describe('bad input', () => {
  let installation: Installation;
  let copy: WorkingCopy;
  const pushes: string[] = [];

  beforeAll(async () => {
    installation = await Installation.create({ SLIPWAY_SAMPLE: 'off' });
    copy = await WorkingCopy.ofNewProject(installation, 'mistakes');
  });
  afterAll(async () => {
    await copy?.[Symbol.asyncDispose]();
    await installation?.destroy();
  });

  const push = async (pipeline: string, state: string): Promise<RunFacts> => {
    const sha = await copy.pushed('A mistake', { '.slipway.yml': pipeline });
    pushes.push(sha);
    return installation.api.runOf('mistakes', sha, [state]);
  };
  const made = async (): Promise<unknown> => {
    const things = [
      'projects',
      'repositories',
      'jobs',
      'environments',
      'releases',
      'deployments',
      'artifacts',
      'secrets',
      'tokens',
      'sessions',
    ];
    const [counts] = await installation.sql(`select ${things.map((thing) => `(select count(*)::int from ${thing}) as ${thing}`).join()}`);
    return counts;
  };

  describe('in a pipeline makes a run that is shown as invalid, with line, column and remedy, and starts nothing', () => {
    const cases: { what: string; pipeline: string; at: [line: number, column: number]; message: RegExp; remedy: RegExp }[] = [
      {
        what: 'wrong YAML',
        pipeline: 'jobs:\n  build:\n    steps:\n      - run: "never closed\n',
        at: [5, 1],
        message: /not valid YAML/,
        remedy: /quote/i,
      },
      {
        what: 'an unknown key',
        pipeline: 'jobs:\n  build:\n    step:\n      - run: make\n',
        at: [3, 5],
        message: /"step" is not a key of/,
        remedy: /Did you mean "steps"/,
      },
      {
        what: 'jobs that wait for each other',
        pipeline: 'jobs:\n  one:\n    needs: two\n    steps: [{ run: make }]\n  two:\n    needs: one\n    steps: [{ run: make }]\n',
        at: [3, 12],
        message: /one.*two.*one|circle|cycle|wait for each other/i,
        remedy: /needs/,
      },
      {
        what: 'a need that nothing knows',
        pipeline: 'jobs:\n  build:\n    steps: [{ run: make }]\n  unit:\n    kind: test\n    needs: biuld\n    steps: [{ run: make }]\n',
        at: [6, 12],
        message: /biuld/,
        remedy: /Did you mean "build"/,
      },
      {
        what: 'a deployment of an artifact that no job makes',
        pipeline: `jobs:\n  build:\n    steps: [{ run: make }]\n  live:\n    kind: deploy\n    needs: build\n    environment: production\n${APP}`,
        at: [4, 3],
        message: /nothing to deploy/,
        remedy: /artifacts:/,
      },
      {
        what: 'a deploy job without an environment',
        pipeline: `jobs:\n  live:\n    kind: deploy\n${APP}`,
        at: [2, 3],
        message: /"live" does not say where to/,
        remedy: /environment:/,
      },
      {
        what: 'a name that no environment can have',
        pipeline: `jobs:\n  live:\n    kind: deploy\n    environment: Pro duction!\n${APP}`,
        at: [4, 18],
        message: /environment/,
        remedy: /\w+/,
      },
    ];
    it.each(cases)('$what', async ({ pipeline, at: [line, column], message, remedy }) => {
      const before = await made();
      const { problems, jobs } = await push(pipeline, 'INVALID');
      const problem = problems.find((each) => message.test(each.message));
      expect(problem, JSON.stringify(problems, null, 1)).toBeDefined();
      expect(problem).toMatchObject({ file: '.slipway.yml', line, column });
      expect(problem?.remedy).toMatch(remedy);
      expect(jobs).toEqual([]);
      expect(await made()).toEqual(before);
    });
  });

  it('an artifact whose files are missing fails the job that names it, and nothing of it is kept', async () => {
    const run = await push(
      'jobs:\n  build:\n    steps: [{ run: mkdir out }]\n    artifacts: [{ name: site, path: dist }]\n  live:\n    kind: deploy\n    needs: build\n    environment: production\n' +
        APP,
      'FAILED',
    );
    expect(run.jobs.map(({ name, state }) => `${name} ${state}`)).toEqual(['build FAILED', 'live SKIPPED']);
    expect(run.jobs[0]?.message).toMatch(/"site".*dist/s);
    expect(await made()).toMatchObject({ artifacts: 0, releases: 0, environments: 0, deployments: 0 });
  });

  it('an environment, project or release that is not there, or a name that none may have, is refused by name', async () => {
    const before = await made();
    const refusal = (query: string, variables: Record<string, unknown> = {}) =>
      installation.api.query(query, variables).then(
        () => 'it was done',
        (error: Error) => error.message,
      );
    const nothing = '019c0000-0000-7000-8000-000000000000';
    expect(await refusal('mutation { createEnvironment(project: "nowhere", name: "test") { id } }')).toMatch(/project.*nowhere/);
    for (const name of ['', 'Test', '../up', 'a b', 'x'.repeat(200)])
      expect(await refusal('mutation ($name: String!) { createEnvironment(project: "mistakes", name: $name) { id } }', { name })).toMatch(
        /name/i,
      );
    expect(
      await refusal('mutation ($id: ID!) { deploy(environmentId: $id, releaseId: $id) { id } }', { id: nothing }),
      'deploy to an environment that is not there',
    ).toMatch(/not found|no environment|there is no/i);
    expect(await refusal('mutation ($id: ID!) { rollback(environmentId: $id) { id } }', { id: 'development' })).toMatch(
      /not found|no environment|there is no/i,
    );
    expect(await installation.api.query('{ environment(project: "mistakes", name: "nothing") { id } }')).toEqual({ environment: null });
    expect(await made()).toEqual(before);
  });

  it('a push to a repository that is not there is refused, and makes none', async () => {
    const before = await made();
    const at = (path: string) => copy.git('push', `http://dev:${installation.token}@127.0.0.1:${installation.port}/git/${path}`, 'main');
    await expect(at('mistakes/nothing.git')).rejects.toThrow(/"?mistakes\/nothing(\.git)?.*not found|no repository/is);
    await expect(at('nowhere/code.git')).rejects.toThrow(/not found|no repository/i);
    await expect(at('../../etc/code.git')).rejects.toThrow(/not found|is this a git repository/i);
    expect(await made()).toEqual(before);
    expect(await readdir(join(installation.dataDir, 'server/repositories'), { recursive: true })).not.toContain('nothing.git');
  });

  it('a wrong token is refused by Git and by the API, and says where to get a good one', async () => {
    const before = await made();
    const clones = (await readdir(tmpdir())).filter((name) => name.startsWith('slipway-clone-'));
    await expect(WorkingCopy.clone(installation, 'mistakes/code', 'slp_wrong')).rejects.toThrow(/account page|Authentication failed/);
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('slipway-clone-'))).toEqual(clones);
    const answer = await fetch(`${installation.url}/git/mistakes/code.git/info/refs?service=git-upload-pack`);
    expect(answer.status).toBe(401);
    expect(await answer.text()).toMatch(/token.*account page/is);
    await expect(new Api(installation.url, 'slp_wrong').runs('mistakes')).rejects.toThrow(/unknown, expired or revoked.*Account/s);
    await expect(new Api(installation.url, '').runs('mistakes')).rejects.toThrow(/sign in/i);
    expect(await made()).toEqual(before);
  });

  it('a wrong password or a used sign-in link signs nobody in', async () => {
    const before = await made();
    const anybody = new Api(installation.url, '');
    const signIn = (input: string) => anybody.query(`mutation { signIn(${input}) { user { id } } }`);
    await expect(signIn('email: "admin@localhost", password: "guess"')).rejects.toThrow(/password is wrong.*sign-in link/s);
    await expect(signIn('link: "made-up"')).rejects.toThrow(/link.*npm run sign-in-link/s);
    const link = new URL(installation.signInLink).searchParams.get('link') as string;
    expect(await made()).toEqual(before);
    await signIn(`link: "${link}"`);
    await expect(signIn(`link: "${link}"`), 'a second time').rejects.toThrow(/used already/);
  });

  it('leaves nothing behind', async () => {
    await expectInvariants(installation, { pushes });
  });
});
