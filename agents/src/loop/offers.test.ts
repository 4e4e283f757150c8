import type { Msg, NatsConnection } from '@nats-io/transport-node';
import { jobsConsumer } from '@slipway/protocol';
import { pino } from 'pino';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Offers } from './offers.js';

const AGENT = '0196a000-0000-7000-8000-00000000000a';
const A_MINUTE_MS = 60_000;

let deliver: (message: Partial<Msg>) => void;
let pulls: string[];
let missing: number;
let closed: boolean;
let offers: Offers;

/** A NATS that answers nothing by itself. */
const connection = {
  isClosed: () => closed,
  publish: (subject: string) => pulls.push(subject),
  subscribe: (subject: string, { callback }: { callback(error: null, message: Partial<Msg>): void }) => {
    if (closed) throw new Error('closed connection');
    deliver = (message) => callback(null, message);
    return { unsubscribe: () => {}, getSubject: () => subject };
  },
} as unknown as NatsConnection;

const heartbeat = { headers: { code: 100 } } as unknown as Partial<Msg>;

beforeEach(() => {
  vi.useFakeTimers();
  [pulls, missing, closed] = [[], 0, false];
  const onMissing = () => {
    missing++;
  };
  offers = new Offers({ agentId: AGENT, connection, freeSlots: () => 1, onOffer: () => {}, onMissing, log: pino({ level: 'silent' }) });
  offers.restart();
});
afterEach(() => {
  offers.stop();
  vi.useRealTimers();
});

it('waits with one pull as long as heartbeats say that it is known', () => {
  for (let ms = 0; ms < A_MINUTE_MS; ms += 5_000) {
    vi.advanceTimersByTime(5_000);
    deliver(heartbeat);
  }
  expect(pulls).toEqual([`$JS.API.CONSUMER.MSG.NEXT.JOBS.${jobsConsumer(AGENT)}`]);
  expect(missing).toBe(0);
});

it('has the server make sure of the consumer, and pulls again, when nothing is heard of a pull', () => {
  vi.advanceTimersByTime(15_000);
  expect(missing).toBe(1);
  expect(pulls).toHaveLength(2);
});

it('pulls no more once the connection is closed, and waits for the next one without complaint', () => {
  closed = true;
  vi.advanceTimersByTime(A_MINUTE_MS);
  expect(pulls).toHaveLength(1);
});
