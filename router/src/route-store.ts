import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { EnvironmentRoutes, Traffic } from '@slipway/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import { writeFileAtomically } from './atomic-file.js';
import type { Environment } from './environment.js';

const Draining = z.object({ instanceId: z.uuid(), releaseId: z.uuid(), until: z.number() });
/** Earlier versions saved the routes alone; number 0 means that none was given yet. */
const Saved = z.union([
  z.object({ routes: EnvironmentRoutes, number: z.number().int(), draining: z.array(Draining) }),
  EnvironmentRoutes.transform((routes) => ({ routes, number: 0, draining: [] })),
]);
const SavedTraffic = z.array(Traffic);

export type SavedEnvironment = z.infer<typeof Saved> & { environmentId: string; traffic: Traffic[] };

/** What is wanted, a file for each environment, and beside it what was counted. */
export class RouteStore {
  private readonly routesDir: string;
  /** One write after the other, whoever asks. */
  private turn: Promise<unknown> = Promise.resolve();
  /** What is counted of a removed environment must not bring its file back. */
  private readonly kept = new Set<string>();

  constructor(
    dir: string,
    private readonly logger: Logger,
  ) {
    this.routesDir = join(dir, 'environments');
  }

  save(environment: Environment): Promise<void> {
    const { environmentId } = environment;
    this.kept.add(environmentId);
    return this.inTurn(() => {
      const { routes, number } = environment;
      return writeFileAtomically(this.fileOf(environmentId), JSON.stringify({ routes, number, draining: environment.drainingInstances() }));
    });
  }

  remove(environmentId: string): Promise<void> {
    this.kept.delete(environmentId);
    return this.inTurn(async () => {
      await Promise.all([this.fileOf(environmentId), this.trafficOf(environmentId)].map((file) => rm(file, { force: true })));
    });
  }

  /** Resolves when everything that was asked for has been done. */
  async settle(): Promise<void> {
    await this.turn;
  }

  /** What can't be read is left out and logged: the deploy agent says it again within seconds. */
  async load(): Promise<SavedEnvironment[]> {
    const names = (await this.unlessMissing(() => readdir(this.routesDir))) ?? [];
    const all = await Promise.all(
      names
        .filter((name) => name.endsWith('.json'))
        .map(async (name) => {
          const environmentId = name.slice(0, -'.json'.length);
          const saved = await this.readJson(this.fileOf(environmentId), Saved);
          const traffic = (await this.readJson(this.trafficOf(environmentId), SavedTraffic)) ?? [];
          if (saved) this.kept.add(environmentId);
          return saved && z.uuid().safeParse(environmentId).success ? [{ environmentId, traffic, ...saved }] : [];
        }),
    );
    return all.flat();
  }

  /** Often, and not through to the disk: after a power cut the counters may be some seconds old. */
  saveTraffic(environment: Environment): Promise<void> {
    return this.inTurn(async () => {
      if (!this.kept.has(environment.environmentId)) return;
      const file = this.trafficOf(environment.environmentId);
      const counts = [...environment.counted().values()].map((release) => release.read(0));
      await writeFile(`${file}.new`, JSON.stringify(counts), { mode: 0o600 });
      await rename(`${file}.new`, file);
    });
  }

  private inTurn(write: () => Promise<void>): Promise<void> {
    const turn = this.turn.then(write);
    this.turn = turn.catch(() => undefined); // its failure was its caller's
    return turn;
  }

  private fileOf(environmentId: string): string {
    return join(this.routesDir, `${environmentId}.json`);
  }

  private trafficOf(environmentId: string): string {
    return join(this.routesDir, `${environmentId}.traffic`);
  }

  private async readJson<T>(path: string, schema: z.ZodType<T>): Promise<T | null> {
    try {
      const text = await this.unlessMissing(() => readFile(path, 'utf8'));
      return text === null ? null : schema.parse(JSON.parse(text));
    } catch (error) {
      this.logger.error({ err: error, path }, "A saved file can't be read and was left out.");
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
