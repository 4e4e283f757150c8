import { type Logger, pino } from 'pino';

const ECS_VERSION = '8.11.0';

/** JSON lines with the names of the Elastic Common Schema, so that an Elastic stack takes them as they are. */
export function createLog(level: string): Logger {
  return pino({
    level,
    messageKey: 'message',
    timestamp: () => `,"@timestamp":"${new Date().toISOString()}"`,
    base: { 'ecs.version': ECS_VERSION, 'service.name': 'slipway-router', 'process.pid': process.pid },
    formatters: { level: (label) => ({ 'log.level': label }) },
    serializers: { err: ecsError },
    errorKey: 'err',
    redact: { paths: ['password', 'token', 'secret', 'authorization'], censor: '[hidden]' },
  });
}

function ecsError(error: unknown): Record<string, unknown> {
  if (!(error instanceof Error)) return { message: String(error) };
  const cause = error.cause === undefined ? {} : { cause: ecsError(error.cause) };
  return { type: error.name, message: error.message, stack_trace: error.stack, ...cause };
}
