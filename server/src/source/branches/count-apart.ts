import { GitFailed, runGit, streamGit } from '../../platform/git.js';
import { gitRecords } from '../../platform/git-records.js';

/** The numbers of commits that only the one and only the other branch has. */
export type Divergence = { ahead: number; behind: number };

/** Histories further apart are not counted: nobody needs the number, and it would take long. */
const MAX_COUNTED = 10_000;
/** Of a walk for many branches; when it is not enough, it is done for half of them at a time. */
const MAX_WALKED = 20_000;
const TIMEOUT_MS = 10_000;
/** A commit and its parents; those of a merge of more than a thousand are left out. */
const MAX_LINE_CHARACTERS = 64 * 1024;

/**
 * How far each commit is from another. Two processes for all of them: one finds a commit that all have in common, the other walks
 * what is newer, each commit once, and here is noted from which of the tips it is reached. A process for each would take as many
 * times as long, mostly to be started.
 * @param shas none of them `fromSha`
 * @returns null for those that have nothing in common with it or are too far away
 */
export async function countApart(gitDir: string, shas: readonly string[], fromSha: string): Promise<Map<string, Divergence | null>> {
  const common = await commonAncestor(gitDir, [fromSha, ...shas]);
  const regions = common === null ? null : await walk(gitDir, [fromSha, ...shas], common);
  if (regions) return new Map(shas.map((sha, n) => [sha, divergenceOf(regions, BigInt(n + 1))]));
  if (shas.length === 1) return new Map(shas.map((sha) => [sha, null]));
  const half = Math.ceil(shas.length / 2);
  const parts = [await countApart(gitDir, shas.slice(0, half), fromSha), await countApart(gitDir, shas.slice(half), fromSha)];
  return new Map(parts.flatMap((part) => [...part]));
}

async function commonAncestor(gitDir: string, tips: readonly string[]): Promise<string | null> {
  try {
    return (await runGit(['merge-base', '--octopus', ...tips], { gitDir, timeoutMs: TIMEOUT_MS })).trim();
  } catch (error) {
    if (error instanceof GitFailed && error.exitCode === 1) return null;
    throw error;
  }
}

/** How many commits are reached from exactly these tips: bit n of a key stands for tip n. null: too many to walk. */
type Regions = Map<bigint, number>;

async function walk(gitDir: string, tips: readonly string[], common: string): Promise<Regions | null> {
  const reachedBy = new Map<string, bigint>();
  const note = (sha: string, bits: bigint) => reachedBy.set(sha, (reachedBy.get(sha) ?? 0n) | bits);
  tips.forEach((sha, n) => {
    note(sha, 1n << BigInt(n));
  });
  const regions: Regions = new Map();
  const args = ['rev-list', '--topo-order', '--parents', '--stdin'];
  const input = `${tips.join('\n')}\n^${common}\n`;
  let walked = 0;
  for await (const line of gitRecords(streamGit(args, { gitDir, input, timeoutMs: TIMEOUT_MS }), {
    end: '\n',
    most: MAX_LINE_CHARACTERS,
  })) {
    if (++walked > MAX_WALKED) return null;
    const [sha = '', ...parents] = line.split(' ');
    const bits = reachedBy.get(sha) ?? 0n;
    reachedBy.delete(sha);
    regions.set(bits, (regions.get(bits) ?? 0) + 1);
    for (const parent of parents) note(parent, bits);
  }
  return regions;
}

function divergenceOf(regions: Regions, tip: bigint): Divergence | null {
  const apart = { ahead: 0, behind: 0 };
  for (const [bits, count] of regions) {
    const [mine, theirs] = [(bits >> tip) & 1n, bits & 1n];
    if (mine > theirs) apart.ahead += count;
    if (theirs > mine) apart.behind += count;
  }
  return apart.ahead + apart.behind > MAX_COUNTED ? null : apart;
}
