import { jetstreamManager } from '@nats-io/jetstream';
import { WebSocket } from 'ws';
import { BYTES_A_LINE, LINES } from './bulk-lines.ts';
import type { Installation } from './installation.ts';
import { connectTo, natsOf } from './nats.ts';
import { Program } from './program.ts';

const LINE_FEED = 10;

/** The least that moving these bytes can cost: lines a second at a viewer behind the simplest relay. */
export async function bulkFloor(installation: Installation): Promise<number> {
  const place = await natsOf(installation);
  const nats = await connectTo(place);
  const manager = await jetstreamManager(nats);
  await manager.streams.add({ name: 'FLOOR', subjects: ['floor'] });
  await using relay = new Program('bulk-relay.ts', [JSON.stringify(place)]);
  const { port } = (await relay.ready) as { port: number };
  const socket = new WebSocket(`ws://127.0.0.1:${port}`);
  await new Promise((resolve) => socket.once('open', resolve));
  const all = countLines(socket, LINES);
  await using publisher = new Program('bulk-publisher.ts', [JSON.stringify(place), String(LINES), String(BYTES_A_LINE)]);
  const published = (await publisher.ready) as { startedAt: number };
  await all;
  const seconds = (Date.now() - published.startedAt) / 1000;
  socket.close();
  await manager.streams.delete('FLOOR');
  await nats.close();
  return LINES / seconds;
}

function countLines(socket: WebSocket, wanted: number): Promise<void> {
  let count = 0;
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error(`The relay ended after ${count} lines.`)));
    socket.on('message', (data: Buffer) => {
      for (let at = data.indexOf(LINE_FEED); at >= 0; at = data.indexOf(LINE_FEED, at + 1)) count += 1;
      if (count >= wanted) resolve();
    });
  });
}
