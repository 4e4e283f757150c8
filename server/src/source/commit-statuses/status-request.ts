import { createHash } from 'node:crypto';
import { shorten } from '@slipway/protocol';
import type { HostApi } from '../mirrors/ports.js';
import { type HostAnswer, type HostRequest, ownerAndName } from '../repositories/call-host.js';
import type { StatusState } from './commit-status.js';

export type Status = {
  sha: string;
  context: string;
  state: StatusState;
  description: string;
  /** Page of the run, or of the repository where there is none. */
  url: string;
};

/**
 * How each host is told. After their documentation: GitHub "Create a commit status", Gitea `CreateStatusOption`, GitLab "Set commit pipeline
 * status", Bitbucket Cloud "Create a build status for a commit", Bitbucket Data Center "Updating build status for commits".
 */
export function statusRequest({ host, path }: Pick<HostApi, 'host' | 'path'>, status: Status): HostRequest {
  const { sha, context, description, url } = status;
  const { owner, name } = ownerAndName(path);
  const inRepository = `${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const build = { key: buildKey(context), name: context, description, url };
  const post = (at: string, body: unknown): HostRequest => ({ method: 'POST', path: at, body });
  switch (host) {
    case 'github':
    case 'gitea':
      return post(`/repos/${inRepository}/statuses/${sha}`, { state: HUB[status.state], context, description, target_url: url });
    case 'gitlab':
      return post(`/projects/${encodeURIComponent(path)}/statuses/${sha}`, {
        state: GITLAB[status.state],
        name: context,
        description,
        target_url: url,
      });
    case 'bitbucket':
      return post(`/repositories/${inRepository}/commit/${sha}/statuses/build`, { ...build, state: BITBUCKET_CLOUD[status.state] });
    case 'bitbucket_server':
      return post(`/projects/${encodeURIComponent(owner)}/repos/${encodeURIComponent(name)}/commits/${sha}/builds`, {
        ...build,
        state: BITBUCKET_SERVER[status.state],
      });
  }
}

const HUB: Record<StatusState, string> = {
  pending: 'pending',
  running: 'pending',
  success: 'success',
  failure: 'failure',
  error: 'error',
  cancelled: 'error',
};
const GITLAB: Record<StatusState, string> = {
  pending: 'pending',
  running: 'running',
  success: 'success',
  failure: 'failed',
  error: 'failed',
  cancelled: 'canceled',
};
const BITBUCKET_CLOUD: Record<StatusState, string> = {
  pending: 'INPROGRESS',
  running: 'INPROGRESS',
  success: 'SUCCESSFUL',
  failure: 'FAILED',
  error: 'FAILED',
  cancelled: 'STOPPED',
};
const BITBUCKET_SERVER: Record<StatusState, string> = { ...BITBUCKET_CLOUD, cancelled: 'CANCELLED' };

const MAX_KEY = 40;

/** Bitbucket keeps builds apart by a key of at most 40 characters. */
const buildKey = (context: string): string =>
  context.length <= MAX_KEY ? context : shorten(createHash('sha256').update(context).digest('hex'), MAX_KEY);

export type Verdict =
  | { told: true }
  /** `lasting`: asking again soon can't help, as the credential, the commit or the repository is at fault. */
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
const LASTING: readonly number[] = [400, 401, 403, 404, 405, 410, 422];

/** What a host's answer means. */
export function readAnswer(host: HostApi['host'], { status, retryAfterMs, text }: HostAnswer): Verdict {
  if (status >= 200 && status < 300) return { told: true };
  // GitLab refuses to be told the state that it has.
  if (host === 'gitlab' && status === 400 && /Cannot transition status/i.test(text)) return { told: true };
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
