import { ReaderThread, TooCostly } from '../../platform/reader-thread/reader-thread.js';
import type { HostKind } from '../code-hosts/host-kinds.js';
import type { Headers } from '../code-hosts/signature.js';
import { showBeginning, showPayload } from './payload.js';
import { readNews } from './read-news.js';
import type { WebhookQuestion } from './webhook-program.js';

/** Read in some milliseconds. What is larger is rare, and worth a thread. */
const SMALL_BYTES = 64 * 1024;

/** The largest payload takes a second, and 300 MiB. */
const thread = new ReaderThread<WebhookQuestion, unknown>({
  program: new URL('./webhook-program.js', import.meta.url),
  timeLimitMs: 5_000,
  memoryMib: 512,
  idleMs: 10_000,
});

type News = ReturnType<typeof readNews>;

/** See readNews. */
export async function readNewsApart(sender: HostKind | null, headers: Headers, body: Uint8Array): Promise<News> {
  if (body.length <= SMALL_BYTES) return readNews(sender, headers, body);
  try {
    return (await thread.ask({ kind: 'news', sender, headers, body })) as News;
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    return {
      kind: 'bad',
      why: `The payload needs more ${error.limit} to read than allowed. Choose fewer events at the host, or push less at once.`,
    };
  }
}

/** See showPayload. */
export async function showPayloadApart(body: Uint8Array, contentType: string | null): Promise<ReturnType<typeof showPayload>> {
  if (body.length <= SMALL_BYTES / 4) return showPayload(body, contentType);
  try {
    return (await thread.ask({ kind: 'show', contentType, body })) as ReturnType<typeof showPayload>;
  } catch (error) {
    if (!(error instanceof TooCostly)) throw error;
    return showBeginning(body);
  }
}
