export type { Actor } from '../../platform/http/context.js';

export type Role = 'viewer' | 'developer' | 'deployer' | 'admin';

export const PERMISSIONS = [
  'account.manage',
  'project.read',
  'project.create',
  'repository.create',
  'repository.push',
  'repository.manage',
  'run.trigger',
  'run.cancel',
  'job.retry',
  'environment.manage',
  'secret.write',
  'deployment.create',
  'agent.read',
  'agent.manage',
  'dead_letter.manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
