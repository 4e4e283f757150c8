import { Arg, FieldResolver, ID, Int, Query, Resolver, Root } from 'type-graphql';
import { Can } from '../../../people/access/can.js';
import { type Connection, cursorKey, pageOf } from '../../../platform/graphql/connection.js';
import type { CommitType } from '../../repositories/commits/commit.type.js';
import { CommitConnection } from '../../repositories/commits/commit.type.js';
import { ChangedFilesType, ComparisonType, FilePatchType } from './compare.type.js';
import type { ComparedFiles, CompareRevisions, Comparison } from './compare-revisions.js';
import type { FilePatch } from './file-patch.js';

type NamedCommits = (repositoryId: string, shas: readonly string[]) => Promise<CommitType[]>;

@Resolver(() => ComparisonType)
export class CompareResolver {
  constructor(
    private readonly comparing: CompareRevisions,
    private readonly commitsNamed: NamedCommits,
  ) {}

  @Query(() => ComparisonType, { description: 'What one revision has that another does not. A revision is a branch, tag or commit.' })
  @Can('project.read', { repository: 'repositoryId' })
  compare(
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('base', () => String, { description: 'A branch, tag or commit to compare with.' }) base: string,
    @Arg('head', () => String, { description: 'The branch, tag or commit that is compared.' }) head: string,
  ): Promise<Comparison> {
    return this.comparing.compare(repositoryId, base, head);
  }

  @Query(() => FilePatchType, { description: 'How one file changed since a revision diverged from another.' })
  @Can('project.read', { repository: 'repositoryId' })
  async filePatch(
    @Arg('repositoryId', () => ID) repositoryId: string,
    @Arg('base', () => String, { description: 'As in `compare`; preferably its baseSha.' }) base: string,
    @Arg('head', () => String, { description: 'As in `compare`; preferably its headSha.' }) head: string,
    @Arg('path', () => String) path: string,
    @Arg('oldPath', () => String, { nullable: true, description: 'The former path of a file that was renamed or copied.' })
    oldPath?: string,
  ): Promise<FilePatch> {
    return this.comparing.patch(await this.comparing.compare(repositoryId, base, head), path, oldPath ?? null);
  }

  @FieldResolver(() => CommitConnection, { description: 'Commits that the head has and the base does not, newest first.' })
  async commits(
    @Root() comparison: Comparison,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('after', () => String, { nullable: true }) after?: string,
  ): Promise<Connection<CommitType>> {
    const skip = placeIn(after);
    const commits = await this.commitsNamed(comparison.repositoryId, await this.comparing.commits(comparison, skip, first + 1));
    const places = new Map(commits.map((commit, n) => [commit, skip + n + 1]));
    return pageOf(commits, first, (commit) => String(places.get(commit)));
  }

  @FieldResolver(() => ChangedFilesType, {
    description: 'Files that the head changed since it diverged from the base; renames are detected.',
  })
  files(
    @Root() comparison: Comparison,
    @Arg('first', () => Int, { defaultValue: 50 }) first: number,
    @Arg('skip', () => Int, { defaultValue: 0, description: 'How many files to skip.' }) skip: number,
  ): Promise<ComparedFiles> {
    return this.comparing.files(comparison, Math.max(0, skip), first);
  }
}

/** Commits of a comparison never change, so their number in the list is a good cursor. */
function placeIn(after: string | undefined): number {
  const place = Number(cursorKey(after) ?? 0);
  return Number.isSafeInteger(place) && place > 0 ? place : 0;
}
