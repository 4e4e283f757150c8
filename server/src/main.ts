import 'reflect-metadata';
import { startServer } from './app.js';
import { BadConfig, readConfig } from './config.js';
import { OtherKey } from './deliver/secrets/secret-store.js';
import { NoDatabase } from './platform/postgres.js';

/** Longer than any request should take; then the process ends anyway. */
const STOP_TIMEOUT_MS = 20_000;

try {
  const server = await startServer(readConfig(process.env));
  if (process.send) process.send({ kind: 'ready', url: server.url, signInLink: server.signInLink });
  else process.stdout.write(`Slipway is at ${server.url} — sign in once with ${server.signInLink}\n`);
  let stopping = false;
  const stop = async () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_TIMEOUT_MS).unref();
    await server.close();
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, stop);
  // The launcher is gone: nobody would start this server's companions again.
  if (process.send) process.on('disconnect', stop);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exit(1);
}

/** The message comes last: the end of the log is what is shown to people. */
function explain(error: unknown): string {
  if (error instanceof BadConfig || error instanceof NoDatabase || error instanceof OtherKey) return error.message;
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'EADDRINUSE') return `The port is taken: ${message}. Set PORT to a free one, or stop what listens there.`;
  return error instanceof Error ? `${error.stack}\nThe server can't start: ${message}` : `The server can't start: ${error}`;
}
