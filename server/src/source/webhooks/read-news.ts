import { ZodError } from 'zod';
import { type HostNews } from './host-news.js';
import { readPayload, UnreadablePayload } from './payload.js';
import { type Headers, headerOf } from './signature.js';
import { eventOf, type WebhookSender } from './webhook-sender.js';

/** What a delivery means; or what is wrong with it, in a sentence for people. */
export function readNews(sender: WebhookSender | null, headers: Headers, body: Uint8Array): HostNews | { kind: 'bad'; why: string } {
  if (!sender) return bad('The stored delivery does not say which host sent it.');
  const event = eventOf(sender, headers);
  try {
    return sender.news(event, readPayload(body, headerOf(headers, 'content-type')));
  } catch (error) {
    if (error instanceof UnreadablePayload)
      return bad(`The payload ${error.message}. Choose the content type application/json at the host.`);
    if (error instanceof ZodError) return bad(`The payload of "${event}" is not as ${sender.name} documents it: ${firstIssue(error)}.`);
    throw error;
  }
}

const bad = (why: string) => ({ kind: 'bad' as const, why });

function firstIssue({ issues: [issue] }: ZodError): string {
  return issue ? `${issue.path.join('.') || 'the whole'}: ${issue.message}` : 'it has an unknown form';
}
