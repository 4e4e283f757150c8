import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { keygen, SshHost } from '../../scripts/services/ssh-host.mjs';
import type { Bench } from '../lib/bench.ts';
import { Installation } from '../lib/installation.ts';
import { makeLargeRepository } from '../lib/large-repository.ts';
import { forgetPeak, peakMib } from '../lib/processes.ts';
import { median } from '../lib/statistics.ts';
import { eventually } from '../lib/wait.ts';

const SIZE = { files: 50_000, fileBytes: 4 * 1024, branches: 10_000 };
const TIMES = 5;
const IMPORT_TIMEOUT_MS = 180_000;
const ADD = 'mutation ($c: HostConnectionInput!) { addRepository(project: "mirrored", name: "large", connection: $c) { id } }';
const STANDING = `{ project(name: "mirrored") { repositories { connection { state fetchedAt error { message } }
  pushes(first: 1, ref: "refs/heads/main") { edges { node { newSha } } } } } }`;

type Standing = {
  connection: { state: string; fetchedAt: string | null; error: { message: string } | null };
  pushes: { edges: { node: { newSha: string } }[] };
};

const run = promisify(execFile);

/** A large repository with many branches at a host that speaks ssh: what it costs to mirror it, and to keep the mirror fresh. */
export const bench: Bench = async () => {
  await using installation = await Installation.running({ SLIPWAY_SAMPLE: 'off', SLIPWAY_GIT_ALLOW: '127.0.0.1' });
  await using host = await SshHost.make();
  const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-mirror-'));
  try {
    const key = join(folder, 'key');
    keygen('-q', '-t', 'ed25519', '-N', '', '-f', key);
    host.letIn(await readFile(`${key}.pub`, 'utf8'));
    await makeLargeRepository(host.folder, SIZE);
    const env = {
      ...process.env,
      GIT_SSH_COMMAND: `ssh -i ${key} -o IdentitiesOnly=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR`,
    };
    const git = (cwd: string, ...args: string[]) => run('git', args, { cwd, env, maxBuffer: 1e9 });
    const clone = await timed(() => git(folder, 'clone', '--quiet', '--mirror', host.url, 'clone.git'));
    const plain = join(folder, 'clone.git');

    const { api } = installation;
    await api.query('mutation { createProject(name: "mirrored") { id } }');
    const server = await installation.pidOf('server');
    forgetPeak(server);
    const standing = async (): Promise<Standing | undefined> =>
      (await api.query<{ project: { repositories: Standing[] } }>(STANDING)).project.repositories[0];
    let id = '';
    const imported = await timed(async () => {
      const credential = { kind: 'SSH_KEY', secret: await readFile(key, 'utf8') };
      const { addRepository } = await api.query<{ addRepository: { id: string } }>(ADD, {
        c: { url: host.url, credential, pollEverySeconds: 0 },
      });
      id = addRepository.id;
      await eventually('the import', async () => (await standing())?.connection.state === 'FRESH', { timeoutMs: IMPORT_TIMEOUT_MS });
    });
    const memory = peakMib(server);
    const fetchAfter = async (done: (now: Standing) => boolean) =>
      timed(async () => {
        await api.query('mutation ($id: ID!) { fetchRepository(id: $id) { id } }', { id });
        await eventually('the fetch', async () => done((await standing()) as Standing), { everyMs: 10 });
      });

    const [news, newsFloor, nothing, nothingFloor]: number[][] = [[], [], [], []];
    for (let n = 0; n < TIMES; n++) {
      const sha = await commitAtHost(git, host.folder, n);
      news?.push(await fetchAfter((now) => now.pushes.edges[0]?.node.newSha === sha));
      newsFloor?.push(await timed(() => git(plain, 'fetch', '--quiet', '--prune')));
      const before = (await standing())?.connection.fetchedAt;
      nothing?.push(await fetchAfter((now) => now.connection.fetchedAt !== before));
      nothingFloor?.push(await timed(() => git(plain, 'ls-remote', host.url)));
    }
    return {
      rows: [
        { what: 'added → mirrored, all branches as rows', value: imported, unit: 'ms', floor: clone },
        { what: 'server, largest memory meanwhile', value: memory, unit: 'MiB' },
        { what: 'one new commit: asked → recorded, median', value: median(news ?? []), unit: 'ms', floor: median(newsFloor ?? []) },
        { what: 'nothing new: asked → known, median', value: median(nothing ?? []), unit: 'ms', floor: median(nothingFloor ?? []) },
      ],
      notes: [
        `${SIZE.files} files, ${(SIZE.files * SIZE.fileBytes) / 1e6} MB, ${SIZE.branches} branches with a commit each, over ssh on loopback.`,
        'Floors, over the same ssh: git clone --mirror; git fetch --prune in that clone; git ls-remote.',
      ],
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
};

type Git = (cwd: string, ...args: string[]) => Promise<{ stdout: string }>;

/** Without a checkout. @returns its sha */
async function commitAtHost(git: Git, folder: string, n: number): Promise<string> {
  const who = ['-c', 'user.name=Bench', '-c', 'user.email=bench@example.test'];
  const { stdout: tree } = await git(folder, 'rev-parse', 'main^{tree}');
  const { stdout: sha } = await git(folder, ...who, 'commit-tree', tree.trim(), '-p', 'main', '-m', `Change ${n}`);
  await git(folder, 'update-ref', 'refs/heads/main', sha.trim());
  return sha.trim();
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}
