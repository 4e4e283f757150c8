import { Field, ID, ObjectType } from 'type-graphql';
import { DateTime } from '../../platform/graphql/scalars.js';
import type { TokenView } from './token.js';

@ObjectType('Token', { description: 'Lets a program act for its owner: as a bearer token, or as the password of Git.' })
export class TokenType implements TokenView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: "What it is for, in its owner's words." })
  name!: string;

  @Field(() => DateTime, { description: 'When it was made.' })
  createdAt!: Date;

  @Field(() => DateTime, { nullable: true, description: 'Exact to the minute; null: never used.' })
  lastUsedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'null: it does not expire.' })
  expiresAt!: Date | null;
}

@ObjectType('CreatedToken', { description: 'A new token, with its secret.' })
export class CreatedTokenType {
  @Field(() => TokenType, { description: 'The token.' })
  token!: TokenType;

  @Field(() => String, { description: 'Shown this once; only its hash is kept.' })
  secret!: string;
}
