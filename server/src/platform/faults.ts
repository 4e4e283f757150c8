import { ZodError } from 'zod';
import { DomainError } from './errors.js';
import { GitFailed } from './git.js';

/**
 * Whether trying again can help with an error. `passing`: something is away, full or locked, and recovers by itself, however long it takes.
 * `lasting`: the data is at fault and will fail again. `unclear`: neither is known, so it is tried a few times.
 */
export type Fault = 'passing' | 'lasting' | 'unclear';

/** The single rule for all loops that retry. */
export function faultOf(error: unknown): Fault {
  if (error instanceof DomainError) return error.kind === 'unavailable' ? 'passing' : 'lasting';
  if (error instanceof ZodError || error instanceof SyntaxError) return 'lasting';
  if (error instanceof GitFailed) return error.exitCode === null || MACHINE_FULL.test(error.stderr) ? 'passing' : 'unclear';
  const code = codeOf(error);
  if (SQL_STATE.test(code)) return faultOfSqlState(code);
  if (SYSTEM_PASSING.has(code)) return 'passing';
  const { name = '', message = '' } = (error ?? {}) as Partial<Error>;
  if (NATS_LASTING.has(name) || (error as { code?: unknown } | null)?.code === MESSAGE_TOO_LARGE) return 'lasting';
  return NATS_PASSING.test(name) || CONNECTION_GONE.test(message) ? 'passing' : 'unclear';
}

/** TypeORM wraps what the driver threw. The codes of NATS are numbers, and none of these. */
function codeOf(error: unknown): string {
  const { code, driverError } = (error ?? {}) as { code?: unknown; driverError?: { code?: unknown } };
  const found = driverError?.code ?? code;
  return typeof found === 'string' ? found : '';
}

const SQL_STATE = /^[0-9A-Z]{5}$/;

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
function faultOfSqlState(code: string): Fault {
  // Connection, feature of a standby, rollback by others, out of resources, state of an object, intervention, system.
  if (/^(08|25006|40|53|55|57|58)/.test(code)) return 'passing';
  // Cardinality, data, integrity, cursor's and transaction's use, limits of a value, statements that this version gets wrong.
  return /^(21|22|23|42|44|54)/.test(code) ? 'lasting' : 'unclear';
}

const SYSTEM_PASSING: ReadonlySet<string> = new Set([
  ...['EAGAIN', 'EBUSY', 'EDQUOT', 'EMFILE', 'ENFILE', 'ENOMEM', 'ENOSPC', 'EROFS', 'EIO'],
  ...['ECONNABORTED', 'ECONNREFUSED', 'ECONNRESET', 'EHOSTDOWN', 'EHOSTUNREACH', 'ENETDOWN', 'ENETUNREACH', 'ENOTCONN', 'EPIPE'],
  ...['EAI_AGAIN', 'ENOTFOUND', 'ETIMEDOUT', 'ABORT_ERR'],
]);
/** As git passes on what the system says. */
const MACHINE_FULL =
  /No space left on device|Disk quota exceeded|Cannot allocate memory|Resource temporarily unavailable|Too many open files/;
/** The message itself can't be sent: it is larger than the server takes, or has no place to go. */
const NATS_LASTING: ReadonlySet<string> = new Set(['InvalidArgumentError', 'InvalidSubjectError', 'PermissionViolationError']);
/** Of JetStream: larger than the stream takes. */
const MESSAGE_TOO_LARGE = 10_054;
const NATS_PASSING = /^(JetStream|Timeout|NoResponders|Request|Connection|ClosedConnection|DrainingConnection|Stream|AbortError)/;
const CONNECTION_GONE =
  /connection terminated|connection timeout|timeout exceeded when trying to connect|not queryable|pool after calling end/i;
