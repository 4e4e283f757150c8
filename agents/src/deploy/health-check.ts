import { get } from 'node:http';

/** `told`: what was answered, as the end of a sentence that begins with the request. */
export type HealthAnswer = { healthy: boolean; told: string };

/** One GET on a connection of its own. 2xx and 3xx are healthy. Never throws. */
export function checkHealth(port: number, path: string, timeoutMs: number): Promise<HealthAnswer> {
  return new Promise((resolve) => {
    const asking = get({ host: '127.0.0.1', port, path, agent: false, headers: { 'user-agent': 'slipway-health' } }, (answer) => {
      const status = answer.statusCode ?? 0;
      resolve({ healthy: status >= 200 && status < 400, told: `answered ${status}` });
      asking.destroy(); // the body doesn't matter, and may never end
    });
    const deadline = setTimeout(() => {
      resolve({ healthy: false, told: `was not answered within ${timeoutMs} ms` });
      asking.destroy();
    }, timeoutMs);
    asking.on('error', (error: NodeJS.ErrnoException) => resolve({ healthy: false, told: reason(error) }));
    asking.on('close', () => clearTimeout(deadline));
  });
}

function reason(error: NodeJS.ErrnoException): string {
  if (error.code === 'ECONNREFUSED') return 'was refused: nothing listens on the port given by PORT';
  if (error.code === 'ECONNRESET') return 'met a broken connection: nothing answers on the port given by PORT';
  return `failed: ${error.message}`;
}
