import { z } from 'zod';
import { type HostNews, ignored, type MovedRef, notNeeded } from '../host-news.js';
import { moment, number, refName, sha, text } from '../shapes.js';
import { factsOf } from './pull-request.js';

// Shapes: https://support.atlassian.com/bitbucket-cloud/docs/event-payloads/

const Repository = z.object({ full_name: text, links: z.object({ html: z.object({ href: text }) }).optional() });
const Ref = z.object({ type: z.string(), name: text });
const Push = z.object({
  push: z.object({ changes: z.array(z.object({ old: Ref.nullish(), new: Ref.nullish() })) }),
  repository: Repository,
});

const Side = z.object({
  branch: z.object({ name: refName }),
  commit: z.object({ hash: sha }),
  // null: the fork is gone
  repository: Repository.nullish(),
});
const PullRequest = z.object({
  id: number,
  title: text,
  state: z.enum(['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED']),
  author: z.object({ nickname: text.optional(), display_name: text.optional() }).nullish(),
  source: Side,
  destination: Side,
  updated_on: moment,
  links: z.object({ html: z.object({ href: text }) }).optional(),
});
const PullRequestEvent = z.object({ pullrequest: PullRequest, repository: Repository });

const PULL_REQUEST_EVENTS: readonly string[] = [
  'pullrequest:created',
  'pullrequest:updated',
  'pullrequest:fulfilled',
  'pullrequest:rejected',
];

/** Bitbucket Cloud. There is no ping. */
export function bitbucketNews(event: string, payload: unknown): HostNews {
  if (event === 'repo:push') return pushNews(payload);
  return PULL_REQUEST_EVENTS.includes(event) ? pullRequestNews(payload) : notNeeded(event);
}

function pushNews(payload: unknown): HostNews {
  const { push, repository } = Push.parse(payload);
  const moved = push.changes.map(movedRef).filter((ref) => ref !== null);
  return moved.length > 0 ? { kind: 'refs', repository: repository.full_name, moved } : ignored('It names no branch and no tag.');
}

/** A webhook names at most five refs of a push, so only the fetch finds all of them. */
function movedRef(change: z.infer<typeof Push>['push']['changes'][number]): MovedRef | null {
  const ref = change.new ?? change.old;
  if (!ref || (ref.type !== 'branch' && ref.type !== 'tag')) return null;
  return { what: ref.type, name: ref.name, change: !change.new ? 'deleted' : change.old ? 'moved' : 'created' };
}

function pullRequestNews(payload: unknown): HostNews {
  const { pullrequest: pull, repository } = PullRequestEvent.parse(payload);
  return { kind: 'pull_request', repository: repository.full_name, facts: factsOf(pull, pull.source.commit.hash, repository) };
}
