import { appendFile, mkdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from 'pino';
import { type Exchange, outcomeOf } from './release-traffic.js';

/** One file may grow to this; the one before is kept. */
const MAX_BYTES = 64 * 1024 * 1024;
/** More than a disk takes in time is left out, and said. */
const MAX_WAITING = 100_000;

/** `access/<environment id>.jsonl`: a line of JSON for each request, with the names of the Elastic Common Schema. */
export class AccessLog {
  private readonly waiting = new Map<string, string[]>();
  private writing: Promise<void> | null = null;
  private leftOut = 0;

  constructor(
    private readonly dir: string,
    private readonly logger: Logger,
  ) {}

  /**
   * @param fields what follows the counted fields in HAProxy's line: time, client, method, target, Host, User-Agent; the last three as the
   *   inside of a JSON string, which may be cut short. None: an earlier HAProxy does not tell of them.
   */
  add(environmentId: string, exchange: Exchange, fields: readonly string[]): void {
    const [time, client = '', method = '', target = '', host = '', agent = ''] = fields;
    if (!time || !/^\d{1,11}\.\d{3}$/.test(time)) return;
    const lines = this.waiting.get(environmentId) ?? [];
    if (lines.length >= MAX_WAITING) {
      this.leftOut++;
      return;
    }
    const { status, releaseId, latencyMs, bytesIn, bytesOut } = exchange;
    lines.push(
      `{"@timestamp":"${new Date(Number(time) * 1_000).toISOString()}","client.ip":"${client.replace(/^::ffff:/, '')}","http.request.method":"${method}","url.original":"${whole(target)}","url.domain":"${dashed(whole(host))}","user_agent.original":"${dashed(whole(agent))}","http.response.status_code":${status},"http.request.bytes":${bytesIn},"http.response.bytes":${bytesOut},"slipway.latency_ms":${latencyMs},"slipway.release":${JSON.stringify(releaseId)},"event.outcome":"${outcomeOf(exchange)}"}\n`,
    );
    this.waiting.set(environmentId, lines);
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
  }

  private async write(): Promise<void> {
    while (this.waiting.size > 0) {
      for (const [environmentId, lines] of [...this.waiting]) {
        this.waiting.delete(environmentId);
        await this.append(environmentId, lines).catch((error: unknown) =>
          this.logger.warn({ err: error, environmentId, lines: lines.length }, 'Lines of an access log could not be written.'),
        );
      }
      if (this.leftOut > 0) this.logger.warn({ lines: this.leftOut }, 'Lines of access logs were left out: the disk is too slow.');
      this.leftOut = 0;
    }
  }

  private async append(environmentId: string, lines: readonly string[]): Promise<void> {
    const file = join(this.dir, `${environmentId}.jsonl`);
    await mkdir(this.dir, { recursive: true, mode: 0o700 });
    if (((await stat(file).catch(() => null))?.size ?? 0) > MAX_BYTES) await rename(file, `${file}.1`);
    await appendFile(file, lines.join(''), { mode: 0o600 });
  }
}

/** An escape that was cut through is left out. */
const whole = (field: string): string => /^(?:[^\\"]|\\(?:[^u]|u[0-9a-f]{4}))*/i.exec(field)?.[0] ?? '';
const dashed = (field: string): string => (field === '-' ? '' : field);
