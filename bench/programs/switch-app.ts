/**
 * The application that is switched: `switch-app.ts <version>`, says its port. Each answer takes 5 ms and names the version; POST answers the body;
 * `/slow` takes 3 s; web sockets echo what they are told, and are told to go at SIGTERM.
 */
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const WORK_MS = 5;
const SLOW_MS = 3_000;

process.once('disconnect', () => process.exit(0));
const version = process.argv[2] as string;
const server = createServer((request, response) => {
  response.setHeader('X-Version', version);
  const workMs = request.url === '/slow' ? SLOW_MS : WORK_MS;
  const answer = (body: Buffer | string) => setTimeout(() => response.end(body), workMs);
  if (request.method !== 'POST') return void answer(version);
  const parts: Buffer[] = [];
  request.on('data', (part: Buffer) => parts.push(part));
  request.on('end', () => answer(Buffer.concat(parts)));
});
// The router's idle connections to it are the router's to close.
server.keepAliveTimeout = 0;
const sockets = new WebSocketServer({ server });
sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)));
process.once('SIGTERM', () => {
  for (const socket of sockets.clients) socket.close(1001);
});
server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as { port: number }).port }));
