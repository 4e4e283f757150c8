import { Field, ID, ObjectType } from 'type-graphql';
import type { UserView } from './user.queries.js';

@ObjectType('User', { description: 'A person with an account.' })
export class UserType implements UserView {
  @Field(() => ID, { description: 'UUID.' })
  id!: string;

  @Field(() => String, { description: 'As shown to others.' })
  name!: string;

  @Field(() => String, { description: 'What they sign in with.' })
  email!: string;

  @Field(() => Boolean, { description: 'Whether they administer the whole installation.' })
  isAdmin!: boolean;

  @Field(() => Boolean, { description: 'Whether a password is set; without one, a sign-in link is the way in.' })
  hasPassword!: boolean;
}

@ObjectType('SignInResult', { description: 'The answer to a sign-in. A session consists of a cookie and a key.' })
export class SignInResultType {
  @Field(() => UserType, { description: 'Who is signed in now.' })
  user!: UserType;

  @Field(() => String, {
    description:
      'The key that the session needs beside its cookie, because browsers send cookies to every port of a host. Keep it in the storage of your own page, and send it as the header X-Slipway-Session-Key, or over web sockets as `sessionKey` in connectionParams.',
  })
  sessionKey!: string;
}
