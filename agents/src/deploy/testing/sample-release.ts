import { createHash, randomUUID } from 'node:crypto';
import type { DesiredRelease } from '@slipway/protocol';
import { anArchive } from '../../testing/archives.js';

/**
 * Answers its version; `/checks` how often it was asked for its health; echoes what comes over an upgraded connection, and says goodbye there
 * when it is told to stop; misbehaves as its environment says.
 */
const APP = `
const { createServer } = require('node:http');
const { VERSION, PORT, EXIT_CODE, HEALTH_STATUS = '200', SECRET, LOG_REQUESTS, DEAF } = process.env;
const sockets = new Set();
console.log('app ' + VERSION + ' starts with ' + SECRET);
if (EXIT_CODE) process.exit(Number(EXIT_CODE));
let checks = 0;
const server = createServer((request, response) => {
  if (request.url === '/health') checks++;
  if (LOG_REQUESTS) console.log('asked for ' + request.url);
  if (request.url === '/health') response.writeHead(Number(HEALTH_STATUS)).end();
  else if (request.url.startsWith('/slow')) setTimeout(() => response.end(VERSION), 700);
  else if (request.url === '/crash') process.kill(process.pid, 'SIGKILL');
  else if (request.url === '/checks') response.end(String(checks));
  else setTimeout(() => response.end(VERSION), 5);
}).listen(Number(PORT), () => console.log('listening'));
server.keepAliveTimeout = 0; // or a POST may meet a connection that just ends
server.on('upgrade', (request, socket) => {
  socket.write('HTTP/1.1 101 Switching Protocols\\r\\nConnection: Upgrade\\r\\nUpgrade: echo\\r\\n\\r\\n');
  socket.pipe(socket);
  sockets.add(socket);
});
process.on('SIGTERM', () => {
  console.log('told to stop');
  if (DEAF) return;
  for (const socket of sockets) socket.end('goodbye from ' + VERSION);
  server.close(() => process.exit(0));
});
`;

export type SampleArtifact = { digest: string; size: number; bytes: Buffer };

export function sampleArtifact(): SampleArtifact {
  const bytes = anArchive([{ path: 'server.js', text: APP, mode: 0o600 }]);
  return { digest: createHash('sha256').update(bytes).digest('hex'), size: bytes.length, bytes };
}

export function aRelease({ digest, size }: SampleArtifact, version: string, more: Partial<DesiredRelease> = {}): DesiredRelease {
  const { env, ...rest } = more;
  return {
    releaseId: randomUUID(),
    version,
    weight: 100,
    instances: 1,
    artifact: { digest, size },
    start: 'exec node server.js',
    env: { VERSION: version, ...env },
    secrets: { SECRET: 'hush-hush-hush' },
    health: { path: '/health', intervalMs: 200, timeoutMs: 1_000, startupMs: 3_000, healthyAfter: 1, unhealthyAfter: 2 },
    drainMs: 2_000,
    ...rest,
  };
}
