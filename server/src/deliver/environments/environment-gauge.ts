import type { Database } from '../../platform/database.js';
import { EnvironmentQueries } from './environment.queries.js';
import { healthOf } from './environment-health.js';

/** Each environment in which something should run, by its health. */
export async function environmentsByHealth(database: Database) {
  const environments = await new EnvironmentQueries(database).all();
  return environments.flatMap(({ project, ...environment }) => {
    const health = healthOf(environment);
    return health ? [{ labels: { project, environment: environment.name, health: health.state }, value: 1 }] : [];
  });
}
