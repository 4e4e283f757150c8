import { answerQuestions } from '../../platform/reader-thread/answer-questions.js';
import type { HostKind } from '../code-hosts/host-kinds.js';
import type { Headers } from '../code-hosts/signature.js';
import { showPayload } from './payload.js';
import { readNews } from './read-news.js';

/** What the thread that reads large payloads is asked: see webhook-thread.ts. */
export type WebhookQuestion =
  | { kind: 'news'; sender: HostKind | null; headers: Headers; body: Uint8Array }
  | { kind: 'show'; contentType: string | null; body: Uint8Array };

answerQuestions((question: WebhookQuestion) => {
  switch (question.kind) {
    case 'news':
      return readNews(question.sender, question.headers, question.body);
    case 'show':
      return showPayload(question.body, question.contentType);
  }
});
