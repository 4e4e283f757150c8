import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { DateTime } from '../../../platform/graphql/scalars.js';

@ObjectType('Commit', { description: 'One commit of a repository.' })
export class CommitType {
  @Field(() => String, { description: 'Full object name.' })
  sha!: string;

  @Field(() => String, { description: 'The first 7 characters of the object name, for people.' })
  shortSha!: string;

  @Field(() => String, { description: 'First line of the message.' })
  subject!: string;

  @Field(() => String, { description: 'The whole message.' })
  message!: string;

  @Field(() => String, { description: 'Who wrote the change, as the commit says; proves nothing.' })
  authorName!: string;

  @Field(() => String, { description: 'Mail address of the author, as the commit says.' })
  authorEmail!: string;

  @Field(() => DateTime, { description: 'When it was committed, as the commit says.' })
  committedAt!: Date;

  @Field(() => [String], { description: 'Object names of the parents; two and more for a merge.' })
  parents!: string[];

  repositoryId!: string;
}

export const CommitConnection = connectionOf('Commit', () => CommitType);

@ObjectType('CommitEnvironment', { description: 'An environment that a commit has reached, by a release made at it.' })
export class CommitEnvironmentType {
  @Field(() => Boolean, { description: 'Whether it serves there now.' })
  isLive!: boolean;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When a release at it was last deployed there; null: it is live while its deployment is watched.',
  })
  reachedAt!: Date | null;

  environmentId!: string;
}
