import { useState } from 'react';

/** The first of a project's runs is what it came with; from the second on somebody has pushed. */
const isWaiting = (runs: readonly { number: number }[]) => runs.length === 1 && runs[0]?.number === 1;

/** Shows the guide until somebody pushes. Once shown, it stays until the page is left, so that nobody loses their place when the push arrives. */
export function useGuide(runs: readonly { number: number }[] | undefined): boolean {
  const [shown, setShown] = useState(false);
  if (!shown && runs && isWaiting(runs)) setShown(true);
  return shown;
}
