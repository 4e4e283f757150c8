import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { jetstreamManager } from '@nats-io/jetstream';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import {
  type Accept,
  type ControlMessage,
  decodeLogChunk,
  type Hello,
  jobsConsumer,
  LOG_HEADERS,
  macMatches,
  type Renewed,
  type Report,
  type RequestVerb,
  streams,
  subjects,
  type Work,
} from '@slipway/protocol';
import { findNatsServer, freePort } from '../../../scripts/services/throwaway.mjs';

export type TestNats = { url: string; kill(): Promise<void>; start(): Promise<void>; close(): Promise<void> };

/** A real nats-server with JetStream, open to everybody. `kill` is kill -9; `start` brings it back on its port and store. */
export async function testNats(): Promise<TestNats> {
  const dir = mkdtempSync(join(tmpdir(), 'agent-nats-'));
  const binary = await findNatsServer({});
  const port = await freePort();
  const launch = () => spawn(binary, ['-a', '127.0.0.1', '-p', `${port}`, '-js', '-sd', dir], { stdio: 'ignore' });
  let child = launch();
  const ended = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    child.kill('SIGKILL');
    await once(child, 'exit');
  };
  return {
    url: `nats://127.0.0.1:${port}`,
    kill: ended,
    start: async () => {
      child = launch();
    },
    close: async () => {
      await ended();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

type Held = { work: Work; nextReport: number };

/** What servers do on the other side of NATS, scripted: offers work, answers requests as the protocol says, keeps the log. */
export class ServerSide {
  readonly hellos: Pick<Hello, 'slots' | 'holding' | 'process'>[] = [];
  readonly accepts: Accept[] = [];
  readonly reports: Report['event'][] = [];
  readonly renewals: string[][] = [];
  /** Answers to give instead, by verb; undefined: none at all. */
  readonly instead = new Map<RequestVerb, () => unknown>();
  readonly lost = new Set<string>();
  private readonly held = new Map<string, Held>();
  private readonly chunks = new Map<string, Map<number, string>>();

  private constructor(
    private readonly connection: NatsConnection,
    private readonly agentId: string,
  ) {}

  static async open(url: string, agentId: string): Promise<ServerSide> {
    const connection = await connect({
      servers: url,
      waitOnFirstConnect: true,
      maxReconnectAttempts: -1,
      reconnectTimeWait: 50,
      reconnectJitter: 0,
    });
    const side = new ServerSide(connection, agentId);
    await side.ensureStreams();
    connection.subscribe(subjects.requestsOfAllAgents, {
      callback: (_error, message) => {
        const verb = message.subject.split('.')[2] as RequestVerb;
        const instead = side.instead.get(verb);
        const answer = instead ? instead() : side.answer(verb, message.json());
        if (answer === undefined) return;
        Promise.resolve(answer).then(
          (reply) => message.respond(JSON.stringify(reply)),
          (failure) => {
            // At the end of a test an agent may still be asking.
            if (!connection.isClosed()) throw failure;
          },
        );
      },
    });
    connection.subscribe('logs.*.*', {
      callback: (_error, message) =>
        side.logged(message.subject, message.data, message.headers?.get(LOG_HEADERS.mac) ?? '', message.headers?.get(LOG_HEADERS.n)),
    });
    return side;
  }

  async ensureStreams(): Promise<void> {
    const manager = await jetstreamManager(this.connection);
    await manager.streams.add({ name: streams.jobs, subjects: ['jobs.*'], retention: 'workqueue' });
    await manager.streams.add({ name: streams.logs, subjects: ['logs.*.*'] });
  }

  private async ensureConsumer(): Promise<void> {
    const manager = await jetstreamManager(this.connection);
    await manager.consumers.add(streams.jobs, {
      durable_name: jobsConsumer(this.agentId),
      filter_subject: subjects.jobs(this.agentId),
      ack_policy: 'explicit',
      ack_wait: 3e9,
    });
  }

  async offer(work: Work, times = 1): Promise<void> {
    this.held.set(work.attempt, { work, nextReport: 0 });
    for (let i = 0; i < times; i++) await this.connection.request(subjects.jobs(this.agentId), JSON.stringify({ attempt: work.attempt }));
  }

  control(message: ControlMessage | string): void {
    this.connection.publish(subjects.control(this.agentId), typeof message === 'string' ? message : JSON.stringify(message));
  }

  /** How many offers nobody has acknowledged. */
  async open(): Promise<number> {
    return (await (await jetstreamManager(this.connection)).streams.info(streams.jobs)).state.messages;
  }

  logOf(attempt: string): string {
    const chunks = [...(this.chunks.get(attempt) ?? new Map<number, string>())].sort(([a], [b]) => a - b);
    return chunks.map(([, text]) => text).join('');
  }

  finished(attempt?: string) {
    return this.reports.find((event) => event.kind === 'finished' && (attempt === undefined || this.outcomes.get(attempt) === event));
  }

  readonly outcomes = new Map<string, Report['event']>();

  private answer(verb: RequestVerb, payload: never): unknown {
    const handlers: Partial<Record<RequestVerb, (payload: never) => unknown>> = {
      hello: (hello: Hello) => {
        this.hellos.push(hello);
        return this.ensureConsumer().then(() => ({ leaseMs: 15_000, renewEveryMs: 200, environments: [] }));
      },
      accept: (accept: Accept) => {
        this.accepts.push(accept);
        return this.held.get(accept.attempt)?.work ?? refusal('attempt_not_yours', false);
      },
      renew: ({ attempts }: { attempts: { attempt: string }[] }) => this.renew(attempts),
      report: (report: Report) => this.report(report),
    };
    return handlers[verb]?.(payload) ?? refusal('unknown_verb', false);
  }

  private renew(attempts: { attempt: string }[]): Renewed {
    this.renewals.push(attempts.map(({ attempt }) => attempt));
    const facts = { cancel: null, sealedThrough: -1, resendFrom: null };
    return { attempts: attempts.map(({ attempt }) => ({ attempt, held: !this.lost.has(attempt), ...facts })), environments: [] };
  }

  private report({ attempt, number, n, mac, event }: Report): unknown {
    const held = this.held.get(attempt);
    if (
      !held ||
      this.lost.has(attempt) ||
      !macMatches(mac, Buffer.from(held.work.key, 'base64'), subjects.request(this.agentId, 'report'), number, n)
    )
      return refusal('foreign', false);
    if (n > held.nextReport) return refusal('report_gap', true);
    if (n < held.nextReport) return { ok: true };
    held.nextReport++;
    this.reports.push(event);
    if (event.kind === 'finished') this.outcomes.set(attempt, event);
    return { ok: true };
  }

  private logged(subject: string, data: Uint8Array, mac: string, n: string | undefined): void {
    const attempt = subject.split('.')[2] ?? '';
    const held = this.held.get(attempt);
    if (!held || !macMatches(mac, Buffer.from(held.work.key, 'base64'), subject, held.work.number, Number(n))) return;
    const chunk = decodeLogChunk(data);
    const texts = this.chunks.get(attempt) ?? new Map<number, string>();
    texts.set(chunk.n, chunk.times.length === 0 ? '' : (chunk.startsInsideLine ? '' : '\n') + chunk.text);
    this.chunks.set(attempt, texts);
    if (chunk.last) this.control({ kind: 'sealed', attempt, through: chunk.n });
  }

  async close(): Promise<void> {
    await this.connection.close();
    await delay(0);
  }
}

export const refusal = (code: string, retry: boolean) => ({ error: { code, message: code, retry } });
