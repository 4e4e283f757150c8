import { expect, it } from 'vitest';
import type { Database } from '../../../platform/database.js';
import { runGit } from '../../../platform/git.js';
import { WorkTree } from '../testing/work-tree.js';
import { storeNewCommits } from './commit-store.js';

type Batch = [repositoryId: string, shas: string[], parents: string[], names: string[], emails: string[], ...rest: string[][]];

/** Takes what is stored, batch by batch. */
async function stored(tree: WorkTree, tip: string): Promise<Batch[]> {
  const batches: Batch[] = [];
  const db = { query: async (_sql: string, parameters: Batch) => void batches.push(parameters) };
  await storeNewCommits(db as unknown as Database, 'r', `${tree.folder}/.git`, { tips: [tip] });
  return batches;
}

it('takes commits in batches of bounded size, whatever their messages, names and parents are', async () => {
  await using tree = await WorkTree.make();
  const message = 'm'.repeat(33_000);
  const commits = Array.from({ length: 150 }, (_, n) => {
    const author = `author ${'n'.repeat(1_000)} <${'e'.repeat(1_000)}> ${n} +0000`;
    return `commit refs/heads/main\nmark :${n + 1}\n${author}\ncommitter Ada <a@b> ${n} +0000\ndata ${message.length}\n${message}\n`;
  });
  const parents = Array.from({ length: 150 }, (_, n) => `merge :${n + 1}\n`).join('');
  const merges = Array.from({ length: 600 }, (_, n) => `commit refs/heads/merges\ncommitter Ada <a@b> ${n} +0000\ndata 1\nx\n${parents}`);
  await runGit(['fast-import', '--quiet'], { cwd: tree.folder, input: `${[...commits, ...merges].join('')}done\n` });

  for (const [ref, count] of [
    ['refs/heads/main', 150],
    ['refs/heads/merges', 750],
  ] as const) {
    const tip = (await runGit(['rev-parse', ref], { cwd: tree.folder })).trim();
    const batches = await stored(tree, tip);
    expect(batches.flatMap(([, shas]) => shas)).toHaveLength(count);
    expect(batches.length).toBeGreaterThan(1);
    for (const [, ...columns] of batches) expect(columns.flat().join('').length).toBeLessThan(5 * 1024 * 1024);
    expect(batches.flatMap(([, , , names, emails]) => [...names, ...emails]).every((name) => name.length <= 321)).toBe(true);
  }
});
