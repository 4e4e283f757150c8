import type { Gauge } from 'prom-client';
import { environmentsByHealth } from '../deliver/environments/environment-gauge.js';
import { deadLettersByKind } from '../observe/dead-letters/dead-letter.queries.js';
import type { Database } from '../platform/database.js';
import type { Logger } from '../platform/log.js';
import { readGauge } from '../platform/read-gauge.js';
import { unsentStatuses } from '../source/commit-statuses/status-gauge.js';
import { mirrorsByState } from '../source/mirrors/mirror-gauge.js';
import { waitingDeliveries } from '../source/webhooks/delivery-gauge.js';

/** What stands still, and how applications are doing. The same on every server, as it is read from the database. */
export function standingGauges(database: Database, log: Pick<Logger, 'warn'>): Gauge[] {
  const failed = (error: unknown) => log.warn({ err: error }, 'A metric could not be read and is left out.');
  return [
    readGauge({
      name: 'slipway_mirrors',
      help: 'External repositories by how their last fetch went (waiting: none yet), with the code of the failure.',
      labelNames: ['state', 'code'],
      read: () => mirrorsByState(database),
      failed,
    }),
    readGauge({
      name: 'slipway_commit_statuses_unsent',
      help: 'Commit statuses not yet reported to their host: under way, or refused (failing).',
      labelNames: ['state'],
      read: () => unsentStatuses(database),
      failed,
    }),
    readGauge({
      name: 'slipway_webhook_deliveries_waiting_seconds',
      help: 'Age of the oldest webhook delivery that has not been handled yet; 0 when there is none.',
      read: () => waitingDeliveries(database),
      failed,
    }),
    readGauge({
      name: 'slipway_environment_health',
      help: 'Each environment in which something should run: 1 at its health (unknown, unhealthy, starting, degraded, unstable or healthy).',
      labelNames: ['project', 'environment', 'health'],
      read: () => environmentsByHealth(database),
      failed,
    }),
    readGauge({
      name: 'slipway_dead_letters',
      help: 'Things that could not be processed and were set aside, by kind. They hold up nothing; see docs/operations.md.',
      labelNames: ['kind'],
      read: () => deadLettersByKind(database),
      failed,
    }),
  ];
}
