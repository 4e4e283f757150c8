import { z } from 'zod';
import { forkOf } from '../fork-rule.js';
import { type HostNews, ignored, notNeeded } from '../host-news.js';
import { moment, movedRef, number, refName, sha, text } from '../shapes.js';

// Shapes: https://docs.gitlab.com/user/project/integrations/webhook_events/

const Project = z.object({ path_with_namespace: text });
const Push = z.object({ ref: text, before: text, after: text, project: Project });
const MergeRequest = z.object({
  iid: number,
  title: text,
  url: text.nullish(),
  // `locked`: a merge is under way
  state: z.enum(['opened', 'closed', 'merged', 'locked']),
  source_branch: refName,
  target_branch: refName,
  source_project_id: z.number().nullish(),
  target_project_id: z.number(),
  // null: the fork is gone
  source: Project.nullish(),
  // null: GitLab still looks for it
  last_commit: z.object({ id: sha }).nullish(),
  updated_at: moment,
  author_id: z.number(),
});
const Person = z.object({ id: z.number().nullish(), username: text });
const MergeRequestHook = z.object({
  object_attributes: MergeRequest,
  project: Project,
  user: Person.nullish(),
  assignees: z.array(Person).nullish(),
  reviewers: z.array(Person).nullish(),
});

const ACTIONS: readonly (string | undefined)[] = ['open', 'reopen', 'update', 'close', 'merge'];
const STATES = { opened: 'open', locked: 'open', closed: 'closed', merged: 'merged' } as const;

/** There is no ping: "Test" sends a made-up event of the kind that is chosen. */
export function gitlabNews(event: string, payload: unknown): HostNews {
  if (event === 'Push Hook' || event === 'Tag Push Hook') return pushNews(payload);
  if (event === 'Merge Request Hook') return mergeRequestNews(payload);
  return notNeeded(event);
}

function pushNews(payload: unknown): HostNews {
  const { ref, before, after, project } = Push.parse(payload);
  const moved = movedRef(ref, before, after);
  if (!moved) return ignored(`"${ref}" is neither a branch nor a tag.`);
  return { kind: 'refs', repository: project.path_with_namespace, moved: [moved] };
}

function mergeRequestNews(payload: unknown): HostNews {
  const { action } = z.object({ object_attributes: z.object({ action: z.string().optional() }) }).parse(payload).object_attributes;
  if (!ACTIONS.includes(action))
    return ignored(`The action of the merge request is "${action ?? 'none'}": its code, title and state stay the same.`);
  const hook = MergeRequestHook.parse(payload);
  const { object_attributes: merge, project } = hook;
  if (!merge.last_commit)
    return ignored(
      'GitLab has not found the commit of this merge request yet. It is read from the list of merge requests at the next fetch.',
    );
  const facts = {
    number: merge.iid,
    title: merge.title,
    author: authorOf(hook),
    url: merge.url ?? null,
    state: STATES[merge.state],
    sourceBranch: merge.source_branch,
    sourceRepository: forkOf({
      headId: merge.source_project_id,
      baseId: merge.target_project_id,
      name: merge.source?.path_with_namespace,
      ref: merge.source_branch,
    }),
    // The host has refs/merge-requests/<number>/head.
    sourceUrl: null,
    baseBranch: merge.target_branch,
    headSha: merge.last_commit.id,
    updatedAt: merge.updated_at,
  };
  return { kind: 'pull_request', repository: project.path_with_namespace, facts };
}

/** Of the author the host tells but a number; the name is known when they also did this, or are among those who are named. */
function authorOf({ object_attributes: { author_id: id }, user, assignees, reviewers }: z.infer<typeof MergeRequestHook>): string {
  const people = [user, ...(assignees ?? []), ...(reviewers ?? [])];
  return people.find((person) => person?.id === id)?.username ?? `user ${id}`;
}
