import { Field, ID, ObjectType } from 'type-graphql';
import type { UserView } from './user.queries.js';

@ObjectType('User', { description: 'Somebody with an account.' })
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

@ObjectType('SignInResult', { description: 'Answer to a sign-in. A session is a cookie and a key.' })
export class SignInResultType {
  @Field(() => UserType, { description: 'Who is signed in now.' })
  user!: UserType;

  @Field(() => String, {
    description:
      'What the session needs beside its cookie, which browsers send to other ports of the host too: keep it in the storage of your own page, and send it as the header X-Slipway-Session-Key, with web sockets as `sessionKey` in connectionParams.',
  })
  sessionKey!: string;
}
