import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type pg from 'pg';
import type { Installation } from './installation.ts';

export type ManyBranches = { branches: number; mainCommits: number; ownCommits: number; forkedWithin: number };

/**
 * Branches that forked at different commits of the default branch, with some of their own and a run each. Refs and rows are put there
 * directly: pushed one by one they would take minutes, and the list reads the same.
 */
export async function addBranches(
  installation: Installation,
  database: pg.Client,
  repositoryId: string,
  many: ManyBranches,
): Promise<string> {
  const gitDir = join(installation.dataDir, 'server', 'repositories', `${repositoryId}.git`);
  await git(gitDir, ['fast-import', '--quiet', '--force'], history(many));
  await git(gitDir, ['pack-refs', '--all']);
  await git(gitDir, ['commit-graph', 'write', '--reachable']);
  const refs = (await git(gitDir, ['for-each-ref', '--format=%(objectname) %(refname:lstrip=2)', 'refs/heads'])).trim().split('\n');
  const [shas, names] = [refs.map((ref) => ref.slice(0, 40)), refs.map((ref) => ref.slice(41))];
  await database.query(
    `insert into branches (id, repository_id, name, head_sha, updated_at)
     select gen_random_uuid(), $1, name, sha, now() - make_interval(secs => n) from unnest($2::text[], $3::text[]) with ordinality b (name, sha, n)
     on conflict (repository_id, name) do update set head_sha = excluded.head_sha`,
    [repositoryId, names, shas],
  );
  await database.query(
    `insert into commits (repository_id, sha, author_name, author_email, message, authored_at, committed_at, parents)
     select $1, sha, 'Bench', 'bench@example.test', 'change ' || n, now(), now(), '{}' from unnest($2::text[]) with ordinality s (sha, n)
     on conflict do nothing`,
    [repositoryId, shas],
  );
  await database.query(
    `insert into runs (id, project_id, repository_id, number, branch, commit_sha, trigger, state)
     select gen_random_uuid(), r.project_id, r.id, 1000 + n, b.name, b.sha, 'push', 'succeeded'
     from repositories r, unnest($2::text[], $3::text[]) with ordinality b (name, sha, n) where r.id = $1`,
    [repositoryId, names, shas],
  );
  await database.query(
    `insert into branch_rules (id, repository_id, pattern) select gen_random_uuid(), $1, unnest(array['main', 'release/**', 'hotfix/*'])`,
    [repositoryId],
  );
  await database.query('analyze');
  return gitDir;
}

/** In the format of git fast-import(1); marks 1 to `mainCommits` are those of main. */
function history({ branches, mainCommits, ownCommits, forkedWithin }: ManyBranches): string {
  const lines: string[] = [];
  const commit = (branch: string, mark: number, at: number, from: number) =>
    lines.push(
      `commit refs/heads/${branch}\nmark :${mark}\ncommitter Bench <bench@example.test> ${1_700_000_000 + at} +0000\ndata 1\nx`,
      ...(from > 0 ? [`from :${from}`] : []),
      `M 100644 inline f${mark % 100}\ndata <<E\n${mark}\nE`,
    );
  for (let n = 1; n <= mainCommits; n++) commit('main', n, n * 60, n - 1);
  let mark = mainCommits;
  for (let branch = 0; branch < branches; branch++) {
    let from = mainCommits - ((branch * 37) % forkedWithin);
    for (let own = 0; own < ownCommits; own++) {
      mark++;
      commit(`${['feature', 'fix', 'release'][branch % 3]}/${branch}-größe`, mark, from * 60 + own, from);
      from = mark;
    }
  }
  return `${lines.join('\n')}\ndone\n`;
}

export async function git(gitDir: string, args: string[], input = ''): Promise<string> {
  const child = spawn('git', [`--git-dir=${gitDir}`, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => undefined); // git may end without reading all: its exit code says why
  child.stdin.end(input);
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (code !== 0) throw new Error(`git ${args[0]} ended with ${code}.`);
  return output;
}
