/** Reads the stream FLOOR and gives each message to the one web socket that is open. */
import { AckPolicy, jetstream, jetstreamManager } from '@nats-io/jetstream';
import { WebSocketServer } from 'ws';
import { connectTo, type NatsPlace } from '../lib/nats.ts';

process.once('disconnect', () => process.exit(0));
const nats = await connectTo(JSON.parse(process.argv[2] as string) as NatsPlace);
const manager = await jetstreamManager(nats);
await manager.consumers.add('FLOOR', { durable_name: 'relay', ack_policy: AckPolicy.None });
const consumer = await jetstream(nats).consumers.get('FLOOR', 'relay');
const server = new WebSocketServer({ port: 0, host: '127.0.0.1' });
server.once('connection', async (socket) => {
  for await (const message of await consumer.consume({ max_messages: 64 })) {
    await new Promise<void>((resolve) => socket.send(message.data, () => resolve()));
  }
});
server.once('listening', () => process.send?.({ port: (server.address() as { port: number }).port }));
