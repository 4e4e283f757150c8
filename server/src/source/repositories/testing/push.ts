import { gitEnvironment } from '../../../platform/git.js';
import type { RepositoryStore } from '../repository-store.js';
import type { WorkTree } from './work-tree.js';

type Into = { store: RepositoryStore; gitDir: string; pusher?: string | null };

/** As a push over HTTP, without HTTP: git's own receive-pack with the environment that the server gives it. */
export async function pushInto({ store, gitDir, pusher = null }: Into, tree: WorkTree, ...refs: string[]): Promise<void> {
  const { config, env } = store.serving(pusher, { anySha: false, rules: [], pushedPage: '' });
  const settings = Object.entries(gitEnvironment(config, env)).filter(
    ([name]) => name.startsWith('GIT_CONFIG') || name.startsWith('SLIPWAY'),
  );
  // git clears its own variables before it starts receive-pack on this machine; `env` puts them back
  const receivePack = ['env', ...settings.map(([name, value]) => `'${name}=${value}'`), 'git-receive-pack'].join(' ');
  await tree.git('push', '--quiet', `--receive-pack=${receivePack}`, gitDir, ...refs);
}
