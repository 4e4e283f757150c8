import { chmod, rename, writeFile } from 'node:fs/promises';
import type { Database } from '../../platform/database.js';
import { createEnrolmentToken } from './enrol-agent.js';

/** Leaves an enrolment token for the agent on this machine, readable for nobody else. An agent that has enrolled already doesn't look at it. */
export async function leaveEnrolmentToken(database: Database, file: string): Promise<void> {
  const token = await createEnrolmentToken(database, 'the agent of this machine', null);
  await writeFile(`${file}.new`, token, { mode: 0o600 });
  await chmod(`${file}.new`, 0o600);
  await rename(`${file}.new`, file);
}
