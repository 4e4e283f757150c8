import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT } from '../bootstrap/paths.mjs';

/** What applications are given to end in order when there is time, and when there is none. */
const GRACE_MS = 10_000;
const NO_GRACE_MS = 100;
const AGENT_WITHIN_MS = 30_000;

/**
 * A shell that waits for the end of our pipe, in a session of its own: no signal of a terminal reaches it, and it needs neither us nor the
 * agent in good health. Told a grace time, it ends what the agent has started. Told nothing, we were killed: then it ends all that is ours.
 */
const SCRIPT = `
read -r grace
if [ -n "$grace" ]; then exec "$1" "$2" "$3" "$grace"; fi
"$1" "$4" "$5" "$6" && exec "$1" "$2" "$3" ${GRACE_MS}
`;

/** Ends what outlives the agent, however the agent and the launcher end. One for each installation, from before its first process on. */
export class Guard {
  #child;
  #ended;
  #isTold = false;

  /**
   * @param {{ dataDir: string, agentDir: string, agentWithinMs?: number }} installation `agentWithinMs`: after our sudden end, for the agent to
   * end in order
   */
  constructor({ dataDir, agentDir, agentWithinMs = AGENT_WITHIN_MS }) {
    const ending = join(ROOT, 'agents', 'dist', 'end-everything.js');
    const leftOvers = join(fileURLToPath(new URL('.', import.meta.url)), 'end-left-overs.mjs');
    this.#child = spawn(
      '/bin/sh',
      ['-c', SCRIPT, 'slipway-guard', process.execPath, ending, agentDir, leftOvers, dataDir, `${agentWithinMs}`],
      {
        detached: true,
        cwd: ROOT,
        env: { PATH: process.env.PATH ?? '' },
        stdio: ['pipe', 'ignore', 'ignore'],
      },
    );
    this.#ended = new Promise((resolve) => this.#child.once('close', resolve));
    this.#child.stdin?.on('error', () => undefined); // it was killed: nobody is there to tell
  }

  /** Resolves when nothing is left. The agent has ended before. */
  async end() {
    this.#tell(GRACE_MS);
    await this.#ended;
  }

  /** At once, as far as somebody is still waiting for {@link end}. */
  endNow() {
    this.#tell(NO_GRACE_MS);
  }

  /** @param {number} graceMs */
  #tell(graceMs) {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#child.stdin?.end(`${graceMs}\n`);
  }
}
