#!/usr/bin/env node
/**
 * `npm run sign-in-link`: prints a new sign-in link of the Slipway that runs here. It takes the database's address from the data folder, so it is
 * for whoever may read that.
 */
import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { commandFor, ROOT } from './bootstrap/paths.mjs';
import { complain } from './bootstrap/say.mjs';
import { places, readSettings } from './launcher/settings.mjs';
import { Problem } from './services/problem.mjs';

/** @param {string} file @param {string} dataDir @returns {Promise<{ page: string, databaseUrl: string }>} */
async function runningInstallation(file, dataDir) {
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code === 'EACCES') throw new Problem(`You may not read ${file}. Run this command as the user that runs Slipway.`);
    return '{}';
  });
  const { page, databaseUrl } = JSON.parse(text);
  if (page && databaseUrl) return { page, databaseUrl };
  throw new Problem(
    `No Slipway runs on the data folder ${dataDir}. Start it with "${commandFor('start')}", which prints a link; or set SLIPWAY_DATA_DIR to the data folder of the Slipway that runs.`,
  );
}

try {
  const { dataDir } = readSettings(process.env);
  const { page, databaseUrl } = await runningInstallation(places(dataDir).services, dataDir);
  const env = { ...process.env, DATABASE_URL: databaseUrl, SLIPWAY_PUBLIC_URL: page };
  const { status } = spawnSync(process.execPath, [join(ROOT, 'server', 'dist', 'sign-in-link.js')], { env, stdio: 'inherit' });
  process.exitCode = status ?? 1;
} catch (error) {
  complain(error instanceof Problem ? error.message : String(error));
  process.exitCode = 1;
}
