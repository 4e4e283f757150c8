import type { LiveReads } from '../../platform/live.js';
import { mergeLive } from '../../platform/merge-live.js';
import type { Access } from '../access/access.js';
import type { Actor } from '../access/actor.js';
import type { ProjectQueries, ProjectView } from './project.queries.js';

export type ProjectActivity = { project: ProjectView };

/** More than anybody looks at; keeps one viewer's watching bounded. */
const MOST_PROJECTS = 500;

/** Projects as they change: each as it is now first. */
export class ProjectActivityFeed {
  constructor(
    private readonly live: LiveReads,
    private readonly queries: ProjectQueries,
    private readonly access: Access,
  ) {}

  /** Ends when the project is gone. */
  one(projectId: string): AsyncIterableIterator<ProjectActivity> {
    return this.live.watch([{ thing: 'project', id: projectId }], `project-activity.${projectId}`, async () => {
      const project = await this.queries.byId(projectId);
      return project && { project };
    });
  }

  /** Every project that the actor may see, those made later included. */
  all(actor: Actor): AsyncIterableIterator<ProjectActivity> {
    const shareAs = `visible-projects.${actor.isAdmin ? 'all' : actor.userId}`;
    const keys = [{ thing: 'project', id: '*' } as const, { thing: 'user', id: actor.userId } as const];
    const ids = this.live.watch(keys, shareAs, () => this.visibleIds(actor));
    return mergeLive(ids, (projectId) => this.one(projectId));
  }

  private async visibleIds(actor: Actor): Promise<string[]> {
    const projects = await this.queries.page(await this.access.visibleProjects(actor), MOST_PROJECTS, null);
    return projects.map((project) => project.id);
  }
}
