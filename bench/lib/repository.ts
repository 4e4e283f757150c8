import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Installation } from './installation.ts';
import { eventually } from './wait.ts';

const run = promisify(execFile);

export type Repository = { id: string; project: string };

/** A new project with one repository, of one commit with these files. @returns once a run of it can be triggered */
export async function makeRepository(installation: Installation, project: string, files: Record<string, string>): Promise<Repository> {
  const { api } = installation;
  await api.query('mutation ($project: String!) { createProject(name: $project) { id } }', { project });
  const { createRepository } = await api.query<{ createRepository: { id: string } }>(
    'mutation ($project: String!) { createRepository(project: $project, name: "code") { id } }',
    { project },
  );
  await push(installation, `${project}/code`, files);
  await eventually('the pushed branch', async () => {
    const { project: found } = await api.query<{ project: { repositories: { defaultBranch: string | null }[] } }>(
      'query ($project: String!) { project(name: $project) { repositories { defaultBranch } } }',
      { project },
    );
    return found.repositories[0]?.defaultBranch;
  });
  return { id: createRepository.id, project };
}

async function push({ url, token }: Installation, path: string, files: Record<string, string>): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), 'slipway-bench-clone-'));
  const git = (...args: string[]) => run('git', args, { cwd });
  try {
    await git('init', '--quiet', '--initial-branch=main');
    for (const [name, text] of Object.entries(files)) await writeFile(join(cwd, name), text);
    await git('add', '--all');
    await git('-c', 'user.name=Bench', '-c', 'user.email=bench@example.test', 'commit', '--quiet', '--message=Measured');
    await git('push', '--quiet', `${url.replace('://', `://bench:${token}@`)}/git/${path}.git`, 'main');
  } finally {
    await rm(cwd, { recursive: true, force: true });
  }
}
