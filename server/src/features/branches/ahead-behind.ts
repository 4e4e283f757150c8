import { streamGit } from '../../platform/git.js';
import type { Slots } from '../../platform/slots.js';

/** Commits that a branch has and the other has not, and the other way round. */
export type Divergence = { ahead: number; behind: number };

/** Histories further apart are not counted: nobody needs the number, and it would take long. */
const MAX_COUNTED = 10_000;
const CACHED_PAIRS = 50_000;
const TIMEOUT_MS = 10_000;

/** Counts by pairs of commits, which never change their answer: each is counted once. */
export class AheadBehind {
  /** The oldest use first. */
  private readonly known = new Map<string, Promise<Divergence | null>>();

  constructor(private readonly slots: Slots) {}

  /** null: they have nothing in common, or they are too far apart to count. */
  of(gitDir: string, sha: string, fromSha: string): Promise<Divergence | null> {
    if (sha === fromSha) return Promise.resolve({ ahead: 0, behind: 0 });
    const key = `${sha} ${fromSha}`;
    const answer = this.known.get(key) ?? this.slots.run(() => count(gitDir, sha, fromSha));
    this.known.delete(key);
    this.known.set(key, answer);
    const [oldest] = this.known.keys();
    if (this.known.size > CACHED_PAIRS && oldest !== undefined) this.known.delete(oldest);
    answer.catch(() => this.known.delete(key));
    return answer;
  }
}

/** One process also says whether there is anything in common: that is where the boundary is. */
async function count(gitDir: string, sha: string, fromSha: string): Promise<Divergence | null> {
  const counts = { '<': 0, '>': 0, '-': 0 };
  const args = ['rev-list', '--left-right', '--boundary', `--max-count=${MAX_COUNTED + 1}`, `${sha}...${fromSha}`, '--'];
  let rest = '';
  for await (const chunk of streamGit(args, { gitDir, timeoutMs: TIMEOUT_MS })) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) counts[line[0] as keyof typeof counts]++;
  }
  if (counts['-'] === 0 || counts['<'] + counts['>'] > MAX_COUNTED) return null;
  return { ahead: counts['<'], behind: counts['>'] };
}
