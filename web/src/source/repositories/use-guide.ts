import { useState } from 'react';

/** The first of a project's runs is what it came with; from the second on somebody has pushed. */
const isWaiting = (runs: readonly { number: number }[]) => runs.length === 1 && runs[0]?.number === 1;

/**
 * From the first look to a run of one's own, while nobody has pushed yet. Once shown it stays until the page is left:
 * nobody loses the step they are at because the push arrives.
 */
export function useGuide(runs: readonly { number: number }[] | undefined): boolean {
  const [shown, setShown] = useState(false);
  if (!shown && runs && isWaiting(runs)) setShown(true);
  return shown;
}
