import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { compilePipeline } from './compile-pipeline.js';

const ROOT = new URL('../../../../', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, ROOT), 'utf8');

describe('our own pipeline', () => {
  const { pipeline, problems } = compilePipeline({ pipelineYaml: read('.slipway.yml'), packageJson: null, hasLockFile: true });
  const jobs = pipeline?.jobs ?? [];

  it('can be used', () => {
    expect(problems).toEqual([]);
    expect(jobs.map(({ name, kind }) => `${kind} ${name}`)).toEqual([
      'test check',
      'test unit',
      'test server',
      'build package',
      'deploy preview',
    ]);
  });

  it('calls commands and suites that exist', () => {
    const { scripts } = JSON.parse(read('package.json'));
    const commands = jobs.flatMap(({ steps }) => steps.map(({ run }) => run));
    for (const [, script] of commands.join('\n').matchAll(/npm run ([\w:-]+)/g)) expect(Object.keys(scripts)).toContain(script);
    const suites = commands.flatMap((command) => /^npm test -- (.+)$/.exec(command)?.[1]?.split(' ') ?? []);
    expect(suites.length).toBeGreaterThan(0);
    for (const suite of suites) expect(existsSync(fileURLToPath(new URL(suite, ROOT))), suite).toBe(true);
  });

  it('deploys what passed everything, and starts what the package has', () => {
    const preview = jobs.find(({ name }) => name === 'preview');
    expect([...(preview?.needs ?? [])].sort()).toEqual(jobs.flatMap(({ name }) => (name === 'preview' ? [] : [name])).sort());
    const script = preview?.deploy?.app.start.match(/node_modules\/slipway\/(\S+)/)?.[1] ?? '';
    expect(existsSync(fileURLToPath(new URL(script, ROOT))), script).toBe(true);
  });
});
