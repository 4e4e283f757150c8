import { Field, Float, ID, Int, ObjectType } from 'type-graphql';
import type { AppSpec } from '../../build/pipelines/pipeline.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { ReleaseRow } from './release.js';

@ObjectType('Release', {
  description: 'Immutable: a commit, the artifact built from it, and how to run it. The same release goes from environment to environment.',
})
export class ReleaseType implements ReleaseRow {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => Int, { description: 'Counts the releases of a project from 1.' })
  number!: number;

  @Field(() => String, { description: 'Full object name of its commit.' })
  commitSha!: string;

  @Field(() => String, { description: 'The branch that its run was for.' })
  branch!: string;

  @Field(() => String, { description: 'SHA-256 of its artifact, in hex.' })
  artifactDigest!: string;

  @Field(() => Float, { description: 'Bytes.' })
  artifactSize!: number;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  projectId!: string;
  repositoryId!: string;
  runId!: string | null;
  app!: AppSpec;
}
