import { CombinedGraphQLErrors, ServerError } from '@apollo/client';

/** The sentence to show. Errors of the server already say what, why and what to do now; the others are worded here. */
export function errorMessage(error: unknown): string {
  if (CombinedGraphQLErrors.is(error)) return error.errors.map((each) => each.message).join(' ');
  if (ServerError.is(error)) return serverAnswer(error.statusCode, error.bodyText);
  if (error instanceof TypeError)
    return 'The server can’t be reached. Check the network; the page continues by itself when it answers again.';
  return error instanceof Error ? error.message : String(error);
}

/** A GraphQL error that came with a 4xx status keeps its message. */
function serverAnswer(status: number, body: string): string {
  try {
    const parsed: unknown = JSON.parse(body);
    const first = (parsed as { errors?: { message?: unknown }[] }).errors?.[0]?.message;
    if (typeof first === 'string') return first;
  } catch {
    // Not JSON: a proxy in between answered, so the status is all there is.
  }
  return `The server answered with status ${status}. Try again in a moment; if it stays so, look at the server’s log.`;
}

/** Broad kinds of fault, as the server names them in `extensions.kind`. */
function hasKind(error: unknown, kinds: string[]): boolean {
  return CombinedGraphQLErrors.is(error) && error.errors.some((each) => kinds.includes(String(each.extensions?.kind)));
}

export function isSignedOut(error: unknown): boolean {
  return hasKind(error, ['unauthenticated']);
}

/** Asking again will not help: the thing is gone, or not for this person. */
export function isFinal(error: unknown): boolean {
  return hasKind(error, ['not_found', 'forbidden', 'unauthenticated', 'bad_input']);
}
