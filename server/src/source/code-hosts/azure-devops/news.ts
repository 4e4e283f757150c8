import { z } from 'zod';
import { type HostNews, ignored, notNeeded } from '../host-news.js';
import { moment, movedRef, number, refName, sha, text } from '../shapes.js';
import { factsOf } from './pull-request.js';
import { endsOfAddress } from './repository.js';

// Shapes: https://learn.microsoft.com/en-us/azure/devops/service-hooks/events

/** Of a project or repository, which have at most 64 characters. */
const name = z.string().max(256);
const Repository = z.object({ id: name, name, url: text, project: z.object({ id: name, name }) });
const Event = z.object({ eventType: text });
const Push = z.object({
  resource: z.object({
    refUpdates: z.array(z.object({ name: text, oldObjectId: text, newObjectId: text })),
    repository: Repository,
  }),
});
const PullRequest = z.object({
  pullRequestId: number,
  title: text,
  status: z.enum(['active', 'abandoned', 'completed']),
  createdBy: z.object({ displayName: text.optional(), uniqueName: text.optional() }).nullish(),
  sourceRefName: refName,
  targetRefName: refName,
  // null: the host still looks for it
  lastMergeSourceCommit: z.object({ commitId: sha }).nullish(),
  repository: Repository,
  forkSource: z.object({ repository: Repository.nullish() }).nullable().optional(),
});
const PullRequestEvent = z.object({ createdDate: moment, resource: PullRequest });

const PULL_REQUEST_EVENTS: readonly string[] = ['git.pullrequest.created', 'git.pullrequest.updated', 'git.pullrequest.merged'];

/** There is no ping: "Test" sends a made-up event of the kind that is chosen. */
export function azureNews(_event: string, payload: unknown): HostNews {
  const { eventType } = Event.parse(payload);
  if (eventType === 'git.push') return pushNews(payload);
  return PULL_REQUEST_EVENTS.includes(eventType) ? pullRequestNews(payload) : notNeeded(eventType);
}

function pushNews(payload: unknown): HostNews {
  const { refUpdates, repository } = Push.parse(payload).resource;
  const moved = refUpdates.map((ref) => movedRef(ref.name, ref.oldObjectId, ref.newObjectId)).filter((ref) => ref !== null);
  if (moved.length === 0) return ignored('It names no branch and no tag.');
  return { kind: 'refs', repository: endsOfAddress(repository), moved };
}

function pullRequestNews(payload: unknown): HostNews {
  const { createdDate, resource: pull } = PullRequestEvent.parse(payload);
  if (!pull.lastMergeSourceCommit)
    return ignored(
      'Azure DevOps has not found the commit of this pull request yet. It is read from the list of pull requests at the next fetch.',
    );
  const facts = { ...factsOf(pull, pull.lastMergeSourceCommit.commitId), updatedAt: createdDate };
  return { kind: 'pull_request', repository: endsOfAddress(pull.repository), facts };
}
