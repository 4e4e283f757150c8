import { Initial1700000000001 } from './1700000000001-initial.js';
import { AgentProcesses1700000000002 } from './1700000000002-agent-processes.js';
import { VersionControl1700000000003 } from './1700000000003-version-control.js';
import { History1700000000007 } from './1700000000007-history.js';
import { PullRequestBuilds1700000000008 } from './1700000000008-pull-request-builds.js';
import { AgentAccounts1700000000011 } from './1700000000011-agent-accounts.js';
import { WebhookClaims1700000000013 } from './1700000000013-webhook-claims.js';
import { PartialRuns1700000000014 } from './1700000000014-partial-runs.js';
import { DeadLetters1700000000020 } from './1700000000020-dead-letters.js';
import { WhoRetried1700000000040 } from './1700000000040-who-retried.js';
import { SessionKeys1700000000041 } from './1700000000041-session-keys.js';
import { WhatWas1700000000090 } from './1700000000090-what-was.js';
import { JobLanes1700000000100 } from './1700000000100-job-lanes.js';
import { TrustOfJobs1700000000130 } from './1700000000130-trust-of-jobs.js';
import { PushesOfCommits1700000000140 } from './1700000000140-pushes-of-commits.js';
import { TestsOnlyCounted1700000000155 } from './1700000000155-tests-only-counted.js';
import { DeathsAtPushes1700000000160 } from './1700000000160-deaths-at-pushes.js';
import { LeftOutRefs1700000000161 } from './1700000000161-left-out-refs.js';
import { AzureDevops1700000000170 } from './1700000000170-azure-devops.js';

/** In order of age; each runs once in a database's life. */
export const migrations = [
  Initial1700000000001,
  AgentProcesses1700000000002,
  VersionControl1700000000003,
  History1700000000007,
  PullRequestBuilds1700000000008,
  AgentAccounts1700000000011,
  WebhookClaims1700000000013,
  PartialRuns1700000000014,
  DeadLetters1700000000020,
  WhoRetried1700000000040,
  SessionKeys1700000000041,
  WhatWas1700000000090,
  JobLanes1700000000100,
  TrustOfJobs1700000000130,
  PushesOfCommits1700000000140,
  TestsOnlyCounted1700000000155,
  DeathsAtPushes1700000000160,
  LeftOutRefs1700000000161,
  AzureDevops1700000000170,
];
