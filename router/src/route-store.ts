import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentRoutes, Traffic } from '@slipway/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import { writeFileAtomically } from './atomic-file.js';

const SavedTraffic = z.record(z.string(), z.array(Traffic));

/** The routes on disk, a file for each environment, and beside them the counters. */
export class RouteStore {
  private readonly routesDir: string;
  private readonly trafficFile: string;

  constructor(
    dir: string,
    private readonly logger: Logger,
  ) {
    this.routesDir = join(dir, 'environments');
    this.trafficFile = join(dir, 'traffic.json');
  }

  async save(environmentId: string, routes: EnvironmentRoutes): Promise<void> {
    await writeFileAtomically(this.fileOf(environmentId), JSON.stringify(routes));
  }

  async remove(environmentId: string): Promise<void> {
    await rm(this.fileOf(environmentId), { force: true });
  }

  /** What can't be read is left out and logged: the deploy agent says it again within seconds. */
  async load(): Promise<{ environmentId: string; routes: EnvironmentRoutes }[]> {
    const names = (await this.unlessMissing(() => readdir(this.routesDir))) ?? [];
    const all = await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .map(async (name) => {
          const routes = await this.readJson(join(this.routesDir, name), EnvironmentRoutes);
          return routes ? [{ environmentId: name.slice(0, -'.json'.length), routes }] : [];
        }),
    );
    return all.flat();
  }

  async saveTraffic(traffic: Record<string, Traffic[]>): Promise<void> {
    await writeFileAtomically(this.trafficFile, JSON.stringify(traffic));
  }

  async loadTraffic(): Promise<Record<string, Traffic[]>> {
    return (await this.readJson(this.trafficFile, SavedTraffic)) ?? {};
  }

  private fileOf(environmentId: string): string {
    return join(this.routesDir, `${environmentId}.json`);
  }

  private async readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
    const text = await this.unlessMissing(() => readFile(path, 'utf8'));
    if (text === null) return null;
    try {
      return schema.parse(JSON.parse(text));
    } catch (error) {
      this.logger.error({ err: error, path }, 'A saved file is broken and was left out.');
      return null;
    }
  }

  private async unlessMissing<T>(read: () => Promise<T>): Promise<T | null> {
    try {
      return await read();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }
}
