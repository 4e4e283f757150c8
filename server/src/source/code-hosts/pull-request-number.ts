import { CODE_HOSTS } from './code-hosts.js';

const MESSAGES = Object.values(CODE_HOSTS).map(({ pullRequests }) => pullRequests.mergeMessages);
const IN_SUBJECT = MESSAGES.flatMap(({ subject }) => subject);
const IN_BODY = MESSAGES.flatMap(({ body }) => body);

/** Number of the pull or merge request that a commit says to have come from, in the words of any host; proves nothing. */
export function pullRequestNumberIn(message: string): number | null {
  const subject = message.split('\n', 1)[0] ?? '';
  const found = firstMatch(IN_SUBJECT, subject) ?? firstMatch(IN_BODY, message);
  return found ? Number(found[1]) : null;
}

const firstMatch = (patterns: readonly RegExp[], text: string): RegExpExecArray | null =>
  patterns.map((pattern) => pattern.exec(text)).find((match) => match !== null) ?? null;
