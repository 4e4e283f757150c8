import { z } from 'zod';
import { forkOf } from '../../pull-requests/fork-rule.js';
import { type HostNews, ignored, notNeeded, PONG } from '../host-news.js';
import { moment, movedRef, number, refName, sha, text } from './shapes.js';

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
const STATES = { OPEN: 'open', MERGED: 'merged', DECLINED: 'closed' } as const;

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
  const isDeleted = event === 'pr:deleted';
  const [from, to] = [pull.fromRef.repository, pull.toRef.repository];
  const facts = {
    number: pull.id,
    title: pull.title,
    author: pull.author?.user.name ?? 'unknown',
    url: pull.links?.self[0]?.href ?? null,
    // A deleted one is told of as it last was.
    state: isDeleted ? ('closed' as const) : STATES[pull.state],
    sourceBranch: pull.fromRef.displayId,
    sourceRepository: forkOf({ headId: from.id, baseId: to.id, name: nameOf(from), ref: pull.fromRef.displayId }),
    // The host has refs/pull-requests/<number>/from.
    sourceUrl: null,
    baseBranch: pull.toRef.displayId,
    headSha: pull.fromRef.latestCommit,
    updatedAt: isDeleted ? date : pull.updatedDate,
  };
  return { kind: 'pull_request', repository: nameOf(to), facts };
}

const nameOf = ({ project, slug }: z.infer<typeof Repository>): string => `${project.key}/${slug}`;
