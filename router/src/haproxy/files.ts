import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../environment.js';
import { certificatesFolder, INSTANCES_MAP, REASONS_MAP } from './configuration.js';
import { ERROR_PAGES, errorFile, html, RULE_PAGES, text } from './pages.js';

export const EMPTY_FOLDER = 'empty';

/** What a configuration reads beside itself, in HAProxy's folder. */
export async function writeFiles(dir: string, environments: readonly Environment[]): Promise<void> {
  await Promise.all([mkdir(join(dir, 'pages'), { recursive: true }), mkdir(join(dir, EMPTY_FOLDER), { recursive: true, mode: 0o555 })]);
  const files = new Map<string, string>([
    ...ERROR_PAGES.map((page) => [`pages/${page.status}.http`, errorFile(page)] as const),
    ...Object.entries(RULE_PAGES).flatMap(([name, page]) => bothForms(name, page)),
    ...environments.flatMap(({ number, routes }) =>
      routes.options.maintenance === null
        ? []
        : bothForms(`maintenance-${number}`, { status: 503, title: 'Down for maintenance', text: routes.options.maintenance }),
    ),
    [REASONS_MAP, lines(environments.map(({ environmentId, reason }) => [environmentId, reason]))],
    [INSTANCES_MAP, lines(environments.flatMap((environment) => [...environment.instancesByRelease()]))],
  ]);
  await Promise.all([...files].map(([name, content]) => writeFile(join(dir, name), content)));
  await writeCertificates(dir, environments);
}

/** A folder for each port: HAProxy chooses by the name that the client asks for. Keys that nobody uses any more are not kept. */
async function writeCertificates(dir: string, environments: readonly Environment[]): Promise<void> {
  const before = (await readdir(dir)).filter((name) => name.startsWith(certificatesFolder('')));
  for (const name of before) await rm(join(dir, name), { recursive: true, force: true });
  for (const [port, served] of Map.groupBy(environments, ({ routes }) => routes.port)) {
    const folder = join(dir, certificatesFolder(port));
    const certificates = served.flatMap(({ number, routes }) =>
      routes.options.certificates.map((pem, n) => [`${number}-${n}.pem`, pem] as const),
    );
    if (certificates.length === 0) continue;
    await mkdir(folder, { mode: 0o700 });
    for (const [name, pem] of certificates) await writeFile(join(folder, name), pem, { mode: 0o600 });
  }
}

function bothForms(name: string, page: { status: number; title: string; text: string }): [string, string][] {
  return [
    [`pages/${name}.html`, html(page)],
    [`pages/${name}.txt`, text(page)],
  ];
}

function lines(entries: readonly [string, string][]): string {
  return entries.map(([key, value]) => `${key} ${value}\n`).join('');
}
