import { pullRequestNews, refNews } from '../github/news.js';
import { type HostNews, notNeeded } from '../host-news.js';

/** GitHub's, but that a new head is `synchronized`. */
const ACTIONS: readonly string[] = ['opened', 'reopened', 'synchronized', 'edited', 'closed'];

/**
 * Shapes: https://docs.gitea.com/usage/webhooks, https://forgejo.org/docs/latest/user/webhooks/. Newer versions name a pull request's new head `pull_request_sync`.
 * There is no ping: "Test delivery" sends the last push again.
 */
export function giteaNews(event: string, payload: unknown): HostNews {
  const name = event === 'pull_request_sync' ? 'pull_request' : event;
  return refNews(name, payload) ?? pullRequestNews(name, payload, ACTIONS) ?? notNeeded(event);
}
