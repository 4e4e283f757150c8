import { shorten } from '@slipway/protocol';
import type { HostStatuses } from '../code-hosts/code-host.js';
import type { HostAnswer } from '../code-hosts/requests.js';

export type Verdict =
  | { told: true }
  /** `lasting`: trying again soon can't help, because the credential, the commit or the repository is at fault. */
  | {
      told: false;
      lasting: boolean;
      waitMs: number | null;
      message: string /** It may have been done, or may still be. */;
      isUnsure: boolean;
    };

const MAX_SHOWN = 300;
/** The expressions below take time with the square of the length. */
const MAX_READ = 4_000;
/** 203 and 302: a page to sign in at. */
const LASTING: readonly number[] = [203, 302, 400, 401, 403, 404, 405, 410, 422];

/** What a host's answer to a status means. */
export function readAnswer(statuses: Pick<HostStatuses, 'isTold'>, answer: HostAnswer): Verdict {
  const { status, retryAfterMs, text } = answer;
  if (statuses.isTold(answer)) return { told: true };
  const isLimit = status === 429 || (status === 403 && retryAfterMs !== null);
  const message = `The host answered ${status}: ${shown(text)}`;
  return {
    told: false,
    lasting: !isLimit && LASTING.includes(status),
    waitMs: isLimit ? (retryAfterMs ?? 60_000) : retryAfterMs,
    message,
    isUnsure: status >= 500,
  };
}

/** The host's own words, where it gives some. */
function shown(answer: string): string {
  const text = shorten(answer, MAX_READ);
  const words = /"(?:message|error|detail)"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(text)?.[1] ?? text.replace(/<[^>]*>|\s+/g, ' ');
  return shorten(words.trim(), MAX_SHOWN) || 'nothing more';
}
