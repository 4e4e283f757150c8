import { hostname } from 'node:os';
import type { Database } from '../../../platform/database.js';
import { isAlive, nameOfThisProcess } from '../../../platform/process-name.js';

/** Where a server began to take pushes last; columns of the repository. */
export type LastTaking = { takingOffset: string | null; takingProcess: string | null; takingDeaths: number };

export const LAST_TAKING = 'taking_offset as "takingOffset", taking_process as "takingProcess", taking_deaths as "takingDeaths"';

const SELF = `${hostname()} ${nameOfThisProcess()}`;

/**
 * Records that this server begins at `offset` of a journal. What kills the server, for example by using too much memory, leaves no error that could
 * be counted, and would begin again after each restart.
 * @returns how many servers in a row have died at that place. Servers on other machines may be alive, and are not counted.
 */
export async function beginTaking(db: Database, repositoryId: string, offset: number, last: LastTaking): Promise<number> {
  const isSamePlace = last.takingOffset !== null && Number(last.takingOffset) === offset;
  const deaths = isSamePlace ? last.takingDeaths + (hasDied(last.takingProcess) ? 1 : 0) : 0;
  await db.query('update repositories set taking_offset = $2, taking_process = $3, taking_deaths = $4 where id = $1', [
    repositoryId,
    offset,
    SELF,
    deaths,
  ]);
  return deaths;
}

/** Called when this server ends because it was told to. */
export async function endTaking(db: Database): Promise<void> {
  await db.query('update repositories set taking_process = null where taking_process = $1', [SELF]);
}

function hasDied(taker: string | null): boolean {
  const [host, name] = taker?.split(' ') ?? [];
  return host === hostname() && name !== undefined && !isAlive(name);
}
