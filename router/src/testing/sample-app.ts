/**
 * An application to be routed to, run as a process of its own: `node sample-app.ts <name>`; prints its port.
 * `/` answers its name, `/slow?ms=` after a while, `/wait` once `/go` was asked of it, POST `/echo` the body, `/events` a stream; web sockets echo, and are told to go at SIGTERM.
 */
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { Duplex } from 'node:stream';

const name = process.argv[2] ?? 'app';

const go = Promise.withResolvers<void>();

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', 'http://app');
  response.setHeader('X-Version', name);
  if (url.pathname === '/slow') setTimeout(() => response.end(name), Number(url.searchParams.get('ms')));
  else if (url.pathname === '/wait') void go.promise.then(() => response.end(name));
  else if (url.pathname === '/go') {
    go.resolve();
    response.end(name);
  } else if (url.pathname === '/echo') request.pipe(response);
  else if (url.pathname === '/events') {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write('data: first\n\n');
  } else setTimeout(() => response.end(name), 5);
});

const webSockets = new Set<Duplex>();

server.on('upgrade', (request, socket) => {
  webSockets.add(socket);
  socket.once('close', () => webSockets.delete(socket));
  const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`);
  socket.on('error', () => socket.destroy());
  socket.on('data', (frame: Buffer) => {
    const length = (frame[1] as number) & 0x7f;
    const mask = frame.subarray(2, 6);
    const payload = Buffer.from(frame.subarray(6, 6 + length).map((byte, i) => byte ^ (mask[i % 4] as number)));
    socket.write(Buffer.concat([Buffer.from([frame[0] as number, length]), payload]));
    if (((frame[0] as number) & 0x0f) === 8) socket.end();
  });
});

server.keepAliveTimeout = 0; // or a POST may meet a connection that just ends

process.once('SIGTERM', () => {
  for (const socket of webSockets) socket.write(Buffer.from([0x88, 2, 0x03, 0xe9])); // close, 1001: going away
});

server.listen(0, '127.0.0.1', () => process.stdout.write(`${(server.address() as { port: number }).port}\n`));
