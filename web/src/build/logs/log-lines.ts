import type { Api } from '../../api/api.ts';
import { sessionKey } from '../../api/session-key.ts';

/** A stretch of a log as it comes from the server: columnar, one text for all of its lines. Lines count from 0. */
export type LogLines = {
  firstLine: number;
  lineCount: number;
  /** `times.length` pieces joined by line feeds. */
  text: string;
  /** Milliseconds since the epoch, one for each piece. */
  times: number[];
  /** The first piece continues line `firstLine`, whose beginning came before. */
  startsInsideLine: boolean;
  marks: LogMark[];
  /** The log has ended, and these lines reach its end. */
  complete: boolean;
  totalLines: number;
  attemptId: string | null;
};

export type LogMark =
  | { kind: 'step'; line: number; index: number; name: string }
  | { kind: 'step_end'; line: number; index: number; exitCode: number | null; durationMs: number }
  | { kind: 'notice'; line: number };

export type LogKey = { jobId: string; attemptId: string | null };

/** Where log lines come from: the server, or a test. */
export interface LogTransport {
  /** `fromLine` below 0 counts from the end. At most 20,000 lines. Throws when the lines can't be had now. */
  fetch(fromLine: number, count: number, signal: AbortSignal): Promise<LogLines>;
  /**
   * Lines as they come. `fromLine` is asked at each (re)connect, so that a lost socket goes on where the page stands.
   * `onEnd`: the server has ended the stream; the caller decides whether to subscribe again.
   */
  subscribe(fromLine: () => number, sink: { onLines(lines: LogLines): void; onEnd(error: unknown): void }): () => void;
}

const FIELDS = 'firstLine lineCount text times startsInsideLine marks complete totalLines attemptId';
const QUERY = `query LogRange($jobId: ID!, $attemptId: ID, $fromLine: Int!, $count: Int!) { jobLog(jobId: $jobId, attemptId: $attemptId, fromLine: $fromLine, count: $count) { ${FIELDS} } }`;
const SUBSCRIPTION = `subscription LogTail($jobId: ID!, $attemptId: ID, $fromLine: Int!) { jobLog(jobId: $jobId, attemptId: $attemptId, fromLine: $fromLine) { ${FIELDS} } }`;

type Answer = { data?: { jobLog: LogLines } | null; errors?: readonly { message: string }[] };

/** Past Apollo: a million lines must not be walked by a cache. */
export function serverLog(api: Api, key: LogKey): LogTransport {
  return {
    async fetch(fromLine, count, signal) {
      const response = await fetch(api.url, {
        method: 'POST',
        credentials: 'same-origin',
        headers: { 'content-type': 'application/json', accept: 'application/json', ...sessionKey.headers() },
        body: JSON.stringify({ operationName: 'LogRange', query: QUERY, variables: { ...key, fromLine, count } }),
        signal,
      });
      return linesOf((await response.json()) as Answer);
    },
    subscribe(fromLine, sink) {
      // graphql-ws makes the message anew from this object at each connect; the getter lets it carry the line needed then.
      const variables = {
        ...key,
        get fromLine() {
          return fromLine();
        },
      };
      return api.socket.subscribe<{ jobLog: LogLines }>(
        { operationName: 'LogTail', query: SUBSCRIPTION, variables },
        {
          next: (answer) => sink.onLines(linesOf(answer as Answer)),
          error: (error) => sink.onEnd(error),
          complete: () => sink.onEnd(null),
        },
      );
    },
  };
}

function linesOf(answer: Answer): LogLines {
  if (answer.data) return answer.data.jobLog;
  throw new Error(answer.errors?.map((error) => error.message).join(' ') ?? 'The server’s answer contains no log lines.');
}
