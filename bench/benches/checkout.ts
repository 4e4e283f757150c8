import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Bench } from '../lib/bench.ts';
import { Installation } from '../lib/installation.ts';
import { makeLargeRepository, pathOf } from '../lib/large-repository.ts';
import { makeRepository } from '../lib/repository.ts';
import { median } from '../lib/statistics.ts';
import { eventually } from '../lib/wait.ts';

const FILES = 50_000;
const FILE_BYTES = 4 * 1024;
const NEW_COMMITS = 5;
const WHO = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.test'];
const CHECKED_OUT = /Checked out ([0-9a-f]+) in ([0-9.]+) s(.*)\./;

const run = promisify(execFile);

/** A large repository: what a job's checkout costs the first time, and after one new commit; against a clone and against plain Git in a checkout that is there. */
export const bench: Bench = async () => {
  await using installation = await Installation.running({ SLIPWAY_SAMPLE: 'off', SLIPWAY_AGENT_SLOTS: '1' });
  const repository = await makeRepository(installation, 'large', { 'README.md': 'Small at first.\n' });
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-large-'));
  try {
    const bare = join(folder, 'large.git');
    const git = (cwd: string, ...args: string[]) => run('git', args, { cwd, maxBuffer: 1e9 });
    const url = `${installation.url.replace('://', `://bench:${installation.token}@`)}/git/large/code.git`;
    await git(folder, 'init', '--quiet', '--bare', '--initial-branch=main', bare);
    await makeLargeRepository(bare, { files: FILES, fileBytes: FILE_BYTES });
    await git(bare, 'push', '--quiet', '--force', url, 'main');
    const clone = await timed(() => git(folder, 'clone', '--quiet', url, 'clone'));
    const first = await jobCheckout(installation, repository.id, (await git(bare, 'rev-parse', 'main')).stdout.trim());
    const [again, plain]: [number[], number[]] = [[], []];
    const work = join(folder, 'clone');
    await git(folder, 'clone', '--quiet', url, 'plain');
    for (let n = 0; n < NEW_COMMITS; n++) {
      await writeFile(join(work, pathOf(n * 1_000)), `changed ${n}\n`);
      await git(work, ...WHO, 'commit', '--quiet', '--all', '--message', `Change ${n}`);
      await git(work, 'push', '--quiet', 'origin', 'main');
      const sha = (await git(work, 'rev-parse', 'HEAD')).stdout.trim();
      again.push(await jobCheckout(installation, repository.id, sha));
      plain.push(
        await timed(async () => {
          await git(join(folder, 'plain'), 'fetch', '--quiet', 'origin');
          await git(join(folder, 'plain'), 'checkout', '--quiet', '--force', '--detach', sha);
        }),
      );
    }
    return {
      rows: [
        { what: 'a fresh clone over HTTP', value: clone, unit: 'ms' },
        { what: "a job's first checkout", value: first, unit: 'ms', floor: clone },
        {
          what: "a job's checkout after one new commit, median",
          value: median(again),
          unit: 'ms',
          floor: median(plain),
          aim: { most: clone / 10 },
        },
        { what: 'the same as a share of the clone', value: (100 * median(again)) / clone, unit: '%', aim: { most: 10 } },
      ],
      notes: [
        `${FILES} files of ${FILE_BYTES / 1024} KiB, ${NEW_COMMITS} commits that change one file each, one slot. A checkout is timed by the agent: the fetch into its copy, and the files.`,
        'Floors: the clone; git fetch and git checkout --force in a clone that is there, which trusts whatever was done in it.',
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

/** Milliseconds, as the job's log says. */
async function jobCheckout({ api }: Installation, repositoryId: string, sha: string): Promise<number> {
  await eventually('the pushed commit', async () => {
    const query = 'query { project(name: "large") { repositories { branches(first: 1) { edges { node { head { sha } } } } } } }';
    const { project } = await api.query<Heads>(query);
    return project.repositories[0]?.branches.edges[0]?.node.head.sha === sha;
  });
  await using live = api.open();
  const { id, jobs } = await api.trigger(repositoryId);
  let log = '';
  await live.followLog(jobs[0]?.id ?? '', ({ text, startsInsideLine }) => {
    log += `${startsInsideLine ? '' : '\n'}${text}`;
  });
  const state = await live.runEnd(id);
  const said = CHECKED_OUT.exec(log);
  if (state !== 'SUCCEEDED' || !said || !sha.startsWith(said[1] ?? '-')) throw new Error(`The run ended ${state}, its log is:\n${log}`);
  return Number(said[2]) * 1_000;
}

type Heads = { project: { repositories: { branches: { edges: { node: { head: { sha: string } } }[] } }[] } };

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
