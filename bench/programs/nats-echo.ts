/** Answers requests on `bench.echo` with what they hold. */
import { connectTo, type NatsPlace } from '../lib/nats.ts';

process.once('disconnect', () => process.exit(0));
const nats = await connectTo(JSON.parse(process.argv[2] as string) as NatsPlace);
nats.subscribe('bench.echo', { callback: (_, message) => void message.respond(message.data) });
await nats.flush();
process.send?.({ ready: true });
