/** Publishes lines to the stream FLOOR in chunks, some in flight, as fast as they are acknowledged. */
import { jetstream } from '@nats-io/jetstream';
import { connectTo, type NatsPlace } from '../lib/nats.ts';

const CHUNK_BYTES = 64 * 1024;
const IN_FLIGHT = 16;

process.once('disconnect', () => process.exit(0));
const [place, lines, bytesALine] = process.argv.slice(2) as [string, string, string];
const nats = await connectTo(JSON.parse(place) as NatsPlace);
const line = `${'x'.repeat(Number(bytesALine) - 1)}\n`;
const whole = Buffer.from(line.repeat(Math.floor(CHUNK_BYTES / line.length)));
const inFlight = new Set<Promise<unknown>>();
process.send?.({ startedAt: Date.now() });
for (let left = Number(lines) * line.length; left > 0; left -= whole.length) {
  if (inFlight.size >= IN_FLIGHT) await Promise.race(inFlight);
  const sent: Promise<unknown> = jetstream(nats)
    .publish('floor', whole.subarray(0, left))
    .finally(() => inFlight.delete(sent));
  inFlight.add(sent);
}
await Promise.all(inFlight);
