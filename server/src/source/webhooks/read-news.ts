import { ZodError } from 'zod';
import { CODE_HOSTS } from '../code-hosts/code-hosts.js';
import type { HostKind } from '../code-hosts/host-kinds.js';
import type { HostNews } from '../code-hosts/host-news.js';
import { type Headers, headerOf } from '../code-hosts/signature.js';
import { eventOf } from './event-of.js';
import { readPayload, UnreadablePayload } from './payload.js';

/** What a delivery means; or what is wrong with it, in a sentence for people. */
export function readNews(sender: HostKind | null, headers: Headers, body: Uint8Array): HostNews | { kind: 'bad'; why: string } {
  if (!sender) return bad('The stored delivery does not say which host sent it.');
  const { name, webhook } = CODE_HOSTS[sender];
  const event = eventOf(sender, headers, body);
  try {
    return webhook.news(event, readPayload(body, headerOf(headers, 'content-type')));
  } catch (error) {
    if (error instanceof UnreadablePayload)
      return bad(`The payload ${error.message}. Choose the content type application/json at the host.`);
    if (error instanceof ZodError) return bad(`The payload of "${event}" is not as ${name} documents it: ${firstIssue(error)}.`);
    throw error;
  }
}

const bad = (why: string) => ({ kind: 'bad' as const, why });

function firstIssue({ issues: [issue] }: ZodError): string {
  return issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'it has an unknown form';
}
