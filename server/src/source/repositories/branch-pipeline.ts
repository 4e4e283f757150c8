import type { CompiledPipeline, PipelineProblem } from '../../build/pipelines/pipeline.js';
import type { Database } from '../../platform/database.js';
import { findRef, noSuchRef } from './named-ref.js';
import type { ReadPipeline } from './pushes/decide-push.js';
import type { RepositoryStore } from './repository-store.js';

export type BranchPipeline = { branch: string; ref: string; sha: string; pipeline: CompiledPipeline | null; problems: PipelineProblem[] };

/** The pipeline at a branch or tag as recorded, of the default branch when none is named. */
export function pipelineForBranchWith(deps: { db: Database; store: RepositoryStore; readPipeline: ReadPipeline }) {
  return async (repositoryId: string, name: string | null): Promise<BranchPipeline> => {
    const found = await findRef(deps.db, repositoryId, name);
    if (!found) throw noSuchRef(name);
    const { name: branch, ref, sha } = found;
    return { branch, ref, sha, ...(await deps.readPipeline(deps.store.folder(repositoryId), sha)) };
  };
}
