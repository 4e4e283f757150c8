import type { Strategy } from '../../generated/graphql.ts';

/** In the order in which they are offered. */
export const STRATEGY_WORDS: Record<Strategy, { name: string; does: string }> = {
  BLUE_GREEN: { name: 'blue-green', does: 'Blue-green: start beside the old, switch when healthy' },
  RECREATE: { name: 'recreate', does: 'Recreate: stop the old, then start the new' },
};
