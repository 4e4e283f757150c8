import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { renderPage } from './page.js';

const release = JSON.parse(readFileSync(new URL('./release.json', import.meta.url), 'utf8'));
const page = renderPage(release);

const server = createServer((request, response) => {
  if (request.url === '/healthz') {
    response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end('ok\n');
  } else if (request.url === '/') {
    response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'x-version': release.version }).end(page);
  } else {
    response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing here.\n');
  }
});

// Longer than the router keeps idle connections (75 s), so that none ends just as it is used again.
server.keepAliveTimeout = 80_000;

server.listen(Number(process.env.PORT ?? 3000), process.env.HOST, () => {
  console.log(`version ${release.version} listens on port ${server.address().port}`);
});

// Requests in flight are answered before the process ends.
process.once('SIGTERM', () => {
  console.log('told to stop');
  server.close(() => process.exit(0));
  server.closeIdleConnections();
});
