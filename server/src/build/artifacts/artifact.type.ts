import { Field, Float, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { ArtifactView } from './artifact-store.js';

@ObjectType('Artifact', { description: 'Files that a job has kept: an archive (tar, zstd), stored under the digest of its bytes.' })
export class ArtifactType implements ArtifactView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'Its name in the pipeline.' })
  name!: string;

  @Field(() => String, { description: 'SHA-256 of the archive, in hex.' })
  digest!: string;

  @Field(() => Float, { description: 'Size of the archive in bytes.' })
  size!: number;

  @Field(() => DateTime, { description: 'When it was stored.' })
  createdAt!: Date;

  jobId!: string;
  deletedAt!: Date | null;
}
