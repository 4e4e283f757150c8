import { Ctx, FieldResolver, Resolver, Root } from 'type-graphql';
import { manyEach } from '../../platform/graphql/batch.js';
import type { GraphContext } from '../../platform/http/context.js';
import { JobType } from '../jobs/job.type.js';
import { ArtifactType } from './artifact.type.js';
import type { ArtifactStore, ArtifactView } from './artifact-store.js';

@Resolver(() => ArtifactType)
export class ArtifactResolver {
  @FieldResolver(() => String, { nullable: true, description: 'Where to get it, relative to this server; null once it is deleted.' })
  downloadUrl(@Root() artifact: ArtifactView): string | null {
    return artifact.deletedAt ? null : `/api/artifacts/${artifact.id}`;
  }
}

@Resolver(() => JobType)
export class JobArtifactsResolver {
  constructor(private readonly artifacts: ArtifactStore) {}

  @FieldResolver(() => [ArtifactType], { name: 'artifacts', description: 'What its newest attempt has kept, by name.' })
  ofJob(@Root() job: JobType, @Ctx() context: GraphContext): Promise<ArtifactView[]> {
    return context
      .loader('job.artifacts', async (ids: readonly string[]) => manyEach(ids, await this.artifacts.ofJobs(ids), (row) => row.jobId))
      .load(job.id);
  }
}
