import { createHash } from 'node:crypto';
import { shorten } from '@slipway/protocol';

/** In the environment of each process: names it even after it has left its parents. The value is {@link markOf}. */
export const MARK = 'SLIPWAY_SANDBOX_NAME';

/** Tells what an agent has started from what another on the same machine has; `agentDir` is absolute. */
export const ownerOf = (agentDir: string): string => shorten(createHash('sha256').update(agentDir).digest('hex'), 10);

/** @param name of the sandbox, or how names begin */
export const markOf = (owner: string, name: string): string => `${owner}/${name}`;
