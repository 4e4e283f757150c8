import type { Slots } from '../../platform/slots.js';
import { countApart, type Divergence } from './count-apart.js';

const CACHED_PAIRS = 50_000;
const SAME: Divergence = { ahead: 0, behind: 0 };

/** Counts by pairs of commits, which never change their answer: each is counted once. */
export class AheadBehind {
  /** The oldest use first. */
  private readonly known = new Map<string, Promise<Divergence | null>>();

  constructor(private readonly slots: Slots) {}

  /** null: they have nothing in common, or they are too far apart to count. */
  async of(gitDir: string, sha: string, fromSha: string): Promise<Divergence | null> {
    return (await this.ofMany(gitDir, [sha], fromSha))[0] ?? null;
  }

  /** The same for many, which together cost little more than one. */
  ofMany(gitDir: string, shas: readonly string[], fromSha: string): Promise<(Divergence | null)[]> {
    const unknown = [...new Set(shas)].filter((sha) => sha !== fromSha && !this.known.has(`${sha} ${fromSha}`));
    if (unknown.length > 0) this.count(gitDir, unknown, fromSha);
    return Promise.all(shas.map((sha) => (sha === fromSha ? SAME : this.recall(`${sha} ${fromSha}`))));
  }

  private count(gitDir: string, shas: readonly string[], fromSha: string): void {
    const counted = this.slots.run(() => countApart(gitDir, shas, fromSha));
    for (const sha of shas) {
      const key = `${sha} ${fromSha}`;
      const answer = counted.then((all) => all.get(sha) ?? null);
      answer.catch(() => this.known.delete(key));
      this.known.set(key, answer);
    }
  }

  private recall(key: string): Promise<Divergence | null> {
    const answer = this.known.get(key) ?? Promise.resolve(null);
    this.known.delete(key);
    this.known.set(key, answer);
    const [oldest] = this.known.keys();
    if (this.known.size > CACHED_PAIRS && oldest !== undefined) this.known.delete(oldest);
    return answer;
  }
}
