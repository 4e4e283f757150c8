import type { AppSpec } from '../../build/pipelines/pipeline.js';

/** Immutable: a commit, the artifact built from it, how to start it and how to check its health. */
export type ReleaseRow = {
  id: string;
  projectId: string;
  repositoryId: string;
  runId: string | null;
  number: number;
  commitSha: string;
  branch: string;
  artifactDigest: string;
  artifactSize: number;
  app: AppSpec;
  createdAt: Date;
};

export const RELEASE_COLUMNS = `id, project_id as "projectId", repository_id as "repositoryId", run_id as "runId", number, commit_sha as "commitSha", branch,
  artifact_digest as "artifactDigest", artifact_size::float8 as "artifactSize", app, created_at as "createdAt"`;
