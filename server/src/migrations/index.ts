import { Initial1700000000001 } from './1700000000001-initial.js';
import { AgentAccounts1700000000011 } from './1700000000011-agent-accounts.js';

/** In order of age; each runs once in a database's life. */
export const migrations = [Initial1700000000001, AgentAccounts1700000000011];
