import { type Router, startRouter } from './app.js';
import { readConfig } from './config.js';

/** A container ends with its first process, so HAProxy can't go on without it. */
const IS_FIRST_PROCESS = process.pid === 1;

/** A signal ends the router alone: HAProxy goes on, and the next router takes it over. The end of the launcher that started it ends both. */
function endOn(router: Router): void {
  let ending = false;
  const end = (how: 'leave' | 'stop') => {
    if (ending) return;
    ending = true;
    router[how]().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(`${(error as Error).message}\n`);
        process.exit(1);
      },
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => end(IS_FIRST_PROCESS ? 'stop' : 'leave'));
  if (process.channel) process.once('disconnect', () => end('stop'));
}

try {
  endOn(await startRouter(readConfig(process.env)));
  process.send?.({ kind: 'ready' });
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exit(1);
}
