import type { NewRun } from './ports.js';

export type Barred = { reason: 'untrusted' | 'pull_request'; message: string };

/**
 * Why no job of a run may deploy, whatever its pipeline says; null: they may. A pull request brings its own pipeline, so what it
 * says about deploying counts once it is merged.
 */
export function barredFromDeploying({ trusted, trigger }: Pick<NewRun, 'trusted' | 'trigger'>): Barred | null {
  if (trusted === false)
    return { reason: 'untrusted', message: 'The code comes from a fork, so it is not deployed. It can be deployed once it is merged.' };
  if (trigger === 'pull_request')
    return { reason: 'pull_request', message: 'Pull requests are only built and tested; they are deployed once they are merged.' };
  return null;
}
