import { startRouter } from './app.js';
import { readConfig } from './config.js';

/** SIGTERM, SIGINT, or the end of the launcher that started it. */
function onStop(stop: () => void): void {
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  if (process.channel) process.once('disconnect', stop);
}

try {
  const router = await startRouter(readConfig(process.env));
  onStop(() => void router.stop().then(() => process.exit(0)));
  process.send?.({ kind: 'ready' });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
