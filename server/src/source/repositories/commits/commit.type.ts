import { Field, ObjectType } from 'type-graphql';
import { connectionOf } from '../../../platform/graphql/connection.js';
import { DateTime } from '../../../platform/graphql/scalars.js';

@ObjectType('Commit', { description: 'One commit of a repository.' })
export class CommitType {
  @Field(() => String, { description: 'Full object id.' })
  sha!: string;

  @Field(() => String, { description: 'The first 7 characters of the object id, for people.' })
  shortSha!: string;

  @Field(() => String, { description: 'First line of the message.' })
  subject!: string;

  @Field(() => String, { description: 'The whole message.' })
  message!: string;

  @Field(() => String, { description: 'Who wrote the change, as the commit says. Anybody can write anything there.' })
  authorName!: string;

  @Field(() => String, { description: 'E-mail address of the author, as the commit says.' })
  authorEmail!: string;

  @Field(() => DateTime, { description: 'When it was committed, as the commit says.' })
  committedAt!: Date;

  @Field(() => [String], { description: 'Object ids of its parents; two or more for a merge.' })
  parents!: string[];

  repositoryId!: string;
}

export const CommitConnection = connectionOf('Commit', () => CommitType);
