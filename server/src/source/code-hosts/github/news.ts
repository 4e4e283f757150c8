import { z } from 'zod';
import { type HostNews, ignored, notNeeded, PONG } from '../host-news.js';
import { moment, movedRef, number, refName, sha, text } from '../shapes.js';
import { factsOf } from './pull-request.js';

// Shapes: https://docs.github.com/en/webhooks/webhook-events-and-payloads. Gitea and Forgejo send the same, except for names of actions.

const Repository = z.object({ full_name: text });
const Push = z.object({ ref: text, before: text, after: text, repository: Repository });
const Named = z.object({ ref: refName, ref_type: z.string(), repository: Repository });

const Side = z.object({
  ref: refName,
  sha,
  label: text.nullish(),
  // null: the fork is gone
  repo: z.object({ id: z.number(), full_name: text }).nullish(),
});
const PullRequest = z.object({
  number,
  title: text,
  user: z.object({ login: text }).nullish(),
  html_url: text.nullish(),
  state: z.enum(['open', 'closed']),
  merged: z.boolean().nullish(),
  merged_at: z.string().nullish(),
  updated_at: moment,
  head: Side,
  base: Side,
});
const PullRequestEvent = z.object({ action: z.string(), pull_request: PullRequest, repository: Repository });

const GITHUB_ACTIONS: readonly string[] = ['opened', 'reopened', 'synchronize', 'edited', 'closed'];

export function githubNews(event: string, payload: unknown): HostNews {
  if (event === 'ping') return { kind: 'ping', answer: PONG };
  return refNews(event, payload) ?? pullRequestNews(event, payload, GITHUB_ACTIONS) ?? notNeeded(event);
}

export function refNews(event: string, payload: unknown): HostNews | null {
  if (event === 'push') {
    const { ref, before, after, repository } = Push.parse(payload);
    const moved = movedRef(ref, before, after);
    return moved ? { kind: 'refs', repository: repository.full_name, moved: [moved] } : ignored(`"${ref}" is neither a branch nor a tag.`);
  }
  if (event !== 'create' && event !== 'delete') return null;
  const { ref, ref_type, repository } = Named.parse(payload);
  if (ref_type !== 'branch' && ref_type !== 'tag') return ignored(`A ${ref_type} is neither a branch nor a tag.`);
  const change = event === 'create' ? 'created' : 'deleted';
  return { kind: 'refs', repository: repository.full_name, moved: [{ what: ref_type, name: ref, change }] };
}

export function pullRequestNews(event: string, payload: unknown, actions: readonly string[]): HostNews | null {
  if (event !== 'pull_request') return null;
  const action = z.object({ action: z.string() }).parse(payload).action;
  if (!actions.includes(action)) return ignored(`A pull request was ${action}: its code, title and state stay the same.`);
  const { pull_request: pull, repository } = PullRequestEvent.parse(payload);
  return { kind: 'pull_request', repository: repository.full_name, facts: factsOf(pull) };
}
