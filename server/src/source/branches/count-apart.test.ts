import { afterAll, beforeAll, expect, it } from 'vitest';
import { Slots } from '../../platform/slots.js';
import { WorkTree } from '../repositories/testing/work-tree.js';
import { AheadBehind } from './ahead-behind.js';
import { countApart } from './count-apart.js';

let tree: WorkTree;
const shaOf = async (name: string) => (await tree.git('rev-parse', name)).trim();
const gitDir = () => `${tree.folder}/.git`;

beforeAll(async () => {
  tree = await WorkTree.make();
  await tree.git('config', 'merge.conflictStyle', 'merge');
  await tree.commit('root');
  for (let n = 0; n < 12; n++) {
    await tree.git('checkout', '--quiet', '-b', `b${n}`);
    for (let own = 0; own <= n % 3; own++) await tree.git('commit', '--quiet', '--allow-empty', '-m', `${n} ${own}`);
    if (n % 4 === 3) await tree.git('merge', '--quiet', '--no-ff', '-s', 'ours', '-m', 'criss', `b${n - 2}`);
    await tree.git('checkout', '--quiet', 'main');
    if (n % 5 === 4) await tree.git('merge', '--quiet', '--no-ff', '-s', 'ours', '-m', 'cross', `b${n - 1}`);
    await tree.git('commit', '--quiet', '--allow-empty', '-m', `main ${n}`);
  }
  await tree.git('branch', 'old', 'main~5');
  await tree.git('branch', 'same', 'main');
  await tree.commitMany('far', 10_001);
  await tree.git('checkout', '--quiet', '--orphan', 'stranger');
  await tree.commit('stranger');
});
afterAll(() => tree[Symbol.asyncDispose]());

it('counts for many at once what Git counts for each', async () => {
  const names = [...Array.from({ length: 12 }, (_, n) => `b${n}`), 'old'];
  const main = await shaOf('main');
  const shas = await Promise.all(names.map(shaOf));
  const counted = await countApart(gitDir(), shas, main);
  for (const [n, sha] of shas.entries()) {
    const [ahead, behind] = (await tree.git('rev-list', '--left-right', '--count', `${sha}...${main}`)).trim().split('\t').map(Number);
    expect(counted.get(sha), names[n]).toEqual({ ahead, behind });
  }
});

it('says nothing of those that have nothing in common or are too far apart, and counts the others beside them', async () => {
  const [main, stranger, far, b2, old] = await Promise.all(['main', 'stranger', 'far', 'b2', 'old'].map(shaOf));
  const counted = await countApart(gitDir(), [stranger ?? '', b2 ?? '', far ?? '', old ?? ''], main ?? '');
  expect(counted.get(stranger ?? '')).toBeNull();
  expect(counted.get(far ?? '')).toBeNull();
  expect(counted.get(old ?? '')).toMatchObject({ ahead: 0 });
  expect(counted.get(b2 ?? '')?.ahead).toBe(3);
  const [root] = (await tree.git('rev-list', '--max-parents=0', 'far')).split('\n');
  expect(await countApart(gitDir(), [far ?? ''], root ?? '')).toEqual(new Map([[far, { ahead: 10_000, behind: 0 }]]));
  await tree.git('branch', 'farther', (await tree.git('commit-tree', 'far^{tree}', '-p', 'far', '-m', 'x')).trim());
  const farther = await shaOf('farther');
  expect(await countApart(gitDir(), [farther], root ?? '')).toEqual(new Map([[farther, null]]));
});

it('counts each pair once, and again after a failure', async () => {
  let runs = 0;
  const slots = new Slots(1, 10);
  const run = slots.run.bind(slots);
  slots.run = (work) => {
    runs++;
    return run(work);
  };
  const aheadBehind = new AheadBehind(slots);
  const [main, b2, b0] = (await Promise.all(['main', 'b2', 'b0'].map(shaOf))) as [string, string, string];
  await Promise.all([aheadBehind.ofMany(gitDir(), [b2, b0, main, b2], main), aheadBehind.of(gitDir(), b0, main)]);
  expect(await aheadBehind.ofMany(gitDir(), [main, b2], main)).toMatchObject([{ ahead: 0, behind: 0 }, { ahead: 3 }]);
  expect(runs).toBe(1);
  await expect(aheadBehind.of('/nowhere', main, b2)).rejects.toThrow();
  expect(await aheadBehind.of(gitDir(), main, b2)).toMatchObject({ behind: 3 });
});
