import { z } from 'zod';
import { type HostNews, ignored, notNeeded, PONG } from '../host-news.js';
import { moment, movedRef, number, refName, sha, text } from '../shapes.js';
import { factsOf, nameOf } from './pull-request.js';

// Shapes: https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html

const Repository = z.object({ id: z.number(), slug: text, project: z.object({ key: text }) });
const RefsChanged = z.object({
  repository: Repository,
  changes: z.array(z.object({ ref: z.object({ id: text }), fromHash: text, toHash: text })),
});

const Side = z.object({ displayId: refName, latestCommit: sha, repository: Repository });
const PullRequest = z.object({
  id: number,
  title: text,
  state: z.enum(['OPEN', 'MERGED', 'DECLINED']),
  updatedDate: moment,
  fromRef: Side,
  toRef: Side,
  author: z.object({ user: z.object({ name: text }) }).nullish(),
  links: z.object({ self: z.array(z.object({ href: text })) }).optional(),
});

const PULL_REQUEST_EVENTS: readonly string[] = [
  'pr:opened',
  'pr:reopened',
  'pr:from_ref_updated',
  'pr:to_ref_updated',
  'pr:modified',
  'pr:merged',
  'pr:declined',
  'pr:deleted',
];

/** Bitbucket Data Center. */
export function bitbucketServerNews(event: string, payload: unknown): HostNews {
  if (event === 'diagnostics:ping') return { kind: 'ping', answer: PONG };
  if (event === 'repo:refs_changed' || event === 'mirror:repo_synchronized') return pushNews(payload);
  return PULL_REQUEST_EVENTS.includes(event) ? pullRequestNews(event, payload) : notNeeded(event);
}

function pushNews(payload: unknown): HostNews {
  const { repository, changes } = RefsChanged.parse(payload);
  const moved = changes.map(({ ref, fromHash, toHash }) => movedRef(ref.id, fromHash, toHash)).filter((ref) => ref !== null);
  return moved.length > 0 ? { kind: 'refs', repository: nameOf(repository), moved } : ignored('It names no branch and no tag.');
}

function pullRequestNews(event: string, payload: unknown): HostNews {
  const { pullRequest: pull, date } = z.object({ pullRequest: PullRequest, date: moment }).parse(payload);
  const facts = factsOf(pull);
  const news = event === 'pr:deleted' ? { ...facts, state: 'closed' as const, updatedAt: date } : facts;
  return { kind: 'pull_request', repository: nameOf(pull.toRef.repository), facts: news };
}
