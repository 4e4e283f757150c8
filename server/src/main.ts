import 'reflect-metadata';
import { startServer } from './app.js';
import { BadConfig, readConfig } from './config.js';

/** Longer than any request should take; then the process ends anyway. */
const STOP_TIMEOUT_MS = 20_000;

try {
  const server = await startServer(readConfig(process.env));
  process.send?.({ kind: 'ready', url: server.url, signInLink: server.signInLink });
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
  process.stderr.write(`${error instanceof BadConfig ? error.message : explain(error)}\n`);
  process.exit(1);
}

function explain(error: unknown): string {
  const { code, message } = error as { code?: string; message?: string };
  if (code === 'EADDRINUSE') return `The port is taken: ${message}. Set PORT to a free one, or end what listens there.`;
  return `The server can't start: ${error instanceof Error ? error.stack : error}`;
}
