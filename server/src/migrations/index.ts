import { Initial1700000000001 } from './1700000000001-initial.js';
import { AgentProcesses1700000000002 } from './1700000000002-agent-processes.js';

/** In order of age; each runs once in a database's life. */
export const migrations = [Initial1700000000001, AgentProcesses1700000000002];
