export type Role = 'viewer' | 'developer' | 'deployer' | 'admin';

/** Who asks: a signed-in person, or a token acting for one. */
export type Actor = { userId: string; isAdmin: boolean };

export const PERMISSIONS = [
  'project.read',
  'project.create',
  'repository.create',
  'repository.push',
  'run.trigger',
  'run.cancel',
  'job.retry',
  'environment.manage',
  'secret.write',
  'deployment.create',
  'agent.read',
  'agent.manage',
] as const;
export type Permission = (typeof PERMISSIONS)[number];
