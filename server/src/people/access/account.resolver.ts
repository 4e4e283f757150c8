import { Arg, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Database } from '../../platform/database.js';
import { DomainError } from '../../platform/errors.js';
import { actorOf, type CookieJar, type GraphContext } from '../../platform/http/context.js';
import { bySession } from './by-session.js';
import { Can } from './can.js';
import type { PasswordGuesses } from './password-guesses.js';
import { endSession, SESSION_MS } from './session.js';
import type { SessionCookie } from './session-cookie.js';
import { setPassword } from './set-password.js';
import type { SignIn } from './sign-in.js';
import { createToken, revokeToken, type TokenView, tokensOf } from './token.js';
import { CreatedTokenType, TokenType } from './token.type.js';
import type { UserQueries, UserView } from './user.queries.js';
import { SignInResultType, UserType } from './user.type.js';

/** Everybody's own account. */
@Resolver()
export class AccountResolver {
  constructor(
    private readonly database: Database,
    private readonly users: UserQueries,
    private readonly signIns: SignIn,
    private readonly guesses: PasswordGuesses,
    private readonly cookie: SessionCookie,
  ) {}

  @Query(() => UserType, { nullable: true, description: 'The user who asks; null when not signed in.' })
  viewer(@Ctx() context: GraphContext): Promise<UserView | null> {
    return this.users.load(context, context.actor?.userId ?? null);
  }

  @Query(() => [TokenType], { description: 'Your own tokens, newest first.' })
  @Can('account.manage')
  myTokens(@Ctx() context: GraphContext): Promise<TokenView[]> {
    return tokensOf(this.database, actorOf(context).userId);
  }

  @Mutation(() => SignInResultType, {
    description:
      'Signs in by e-mail and password, or by a one-time link, and sets the session cookie; the answer carries the key to send with it. Over HTTP only.',
  })
  async signIn(
    @Ctx() context: GraphContext,
    @Arg('email', () => String, { nullable: true, description: 'With `password`.' }) email?: string,
    @Arg('password', () => String, { nullable: true, description: 'With `email`.' }) password?: string,
    @Arg('link', () => String, { nullable: true, description: 'Secret of a sign-in link: what follows `link=` in it.' }) link?: string,
  ): Promise<{ user: UserView | null; sessionKey: string }> {
    const cookies = cookiesOf(context);
    const { userId, session } = await this.signIns.signIn({ email, password, link, address: context.address });
    cookies.set(this.cookie.nameFor(context.origin), session.cookie, SESSION_MS);
    return { user: await this.users.load(context, userId), sessionKey: session.key };
  }

  @Mutation(() => Boolean, { description: 'Ends this session and its subscriptions. Does nothing when not signed in.' })
  async signOut(@Ctx() context: GraphContext): Promise<boolean> {
    cookiesOf(context).set(this.cookie.nameFor(context.origin), '', null);
    const credential = context.actor?.credential;
    if (context.actor && credential?.kind === 'session')
      await endSession(this.database, { id: credential.id, userId: context.actor.userId });
    return true;
  }

  @Mutation(() => UserType, { description: 'Sets your password and ends your other sessions. Tokens may not call this.' })
  @Can('account.manage')
  async setPassword(
    @Ctx() context: GraphContext,
    @Arg('password', () => String, { description: '10 to 200 characters.' }) password: string,
    @Arg('current', () => String, { nullable: true, description: 'The present password; required if one is set.' }) current?: string,
  ): Promise<UserView | null> {
    const change = { current: current ?? null, password, address: context.address };
    await setPassword({ database: this.database, guesses: this.guesses }, bySession(context), change);
    return this.users.load(context, actorOf(context).userId);
  }

  @Mutation(() => CreatedTokenType, { description: 'Makes a token that acts for you. Tokens may not call this.' })
  @Can('account.manage')
  createToken(
    @Ctx() context: GraphContext,
    @Arg('name', () => String, { description: 'What it is for.' }) name: string,
    @Arg('expiresInDays', () => Int, { nullable: true, description: '1 to 3,650; left out: it does not expire.' }) expiresInDays?: number,
  ): Promise<{ token: TokenView; secret: string }> {
    return createToken(this.database, { userId: bySession(context).userId, name, expiresInDays: expiresInDays ?? null });
  }

  @Mutation(() => Boolean, { description: 'Revokes one of your tokens; web sockets opened with it end at once.' })
  @Can('account.manage')
  async revokeToken(@Ctx() context: GraphContext, @Arg('id', () => ID, { description: 'Of the token.' }) id: string): Promise<boolean> {
    await revokeToken(this.database, { id, userId: actorOf(context).userId });
    return true;
  }
}

function cookiesOf(context: GraphContext): CookieJar {
  if (context.cookies) return context.cookies;
  throw new DomainError('bad_input', 'needs_http', "Signing in and out sets a cookie, which a web socket can't do. Send it over HTTP.");
}
