import { symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Fastify from 'fastify';
import { describe, expect, it } from 'vitest';
import { WorkTree } from '../../source/repositories/testing/work-tree.js';
import { pipelineSchemaRoutes } from './pipeline-schema.routes.js';
import { compileApart } from './pipeline-thread.js';
import { readPipelineAt } from './read-pipeline.js';

async function compiled(files: Record<string, string>, prepare: (tree: WorkTree) => Promise<unknown> = async () => undefined) {
  await using tree = await WorkTree.make();
  await prepare(tree);
  const sha = await tree.commit('first', files);
  return await readPipelineAt(join(tree.folder, '.git'), sha); // awaited before the tree is deleted
}

describe('the pipeline of a commit', () => {
  it('is read from the commit, .slipway.yml before package.json', async () => {
    const packageJson = '{ "scripts": { "build": "tsc" } }';
    const own = await compiled({ '.slipway.yml': 'jobs: { a: { steps: [{ run: größe }] } }', 'package.json': packageJson });
    expect(own.pipeline?.jobs[0]?.steps[0]?.run).toBe('größe');
    const npm = await compiled({ 'package.json': packageJson, 'package-lock.json': '{}' });
    expect(npm.pipeline?.jobs[0]?.steps.map((step) => step.run)).toEqual(['npm ci', 'npm run build']);
  });

  it('says what is wrong with the file itself', async () => {
    const linked = await compiled({}, (tree) => symlink('/etc/passwd', join(tree.folder, '.slipway.yml')));
    expect(linked.problems[0]?.message).toContain('a link');
    expect((await compiled({ '.slipway.yaml': 'jobs: {}' })).problems[0]?.remedy).toBe('Rename .slipway.yaml to .slipway.yml.');
    expect((await compiled({ '.slipway.yml': 'x'.repeat(5_000_000) })).problems[0]?.message).toContain('5000000 bytes');
    expect((await compiled({ 'main.c': '' })).problems[0]?.message).toContain('nothing to run');
  });

  it('has to be UTF-8, and says which line is not', async () => {
    const bytes = (content: Buffer) => compiled({}, (tree) => writeFile(join(tree.folder, '.slipway.yml'), content));
    const latin = await bytes(Buffer.from('name: x\njobs: { größe: 1 }\n', 'latin1'));
    expect(latin.problems).toMatchObject([{ line: 2, column: null, message: 'This line is not UTF-8.' }]);
    const wide = await bytes(Buffer.from('\uFEFFjobs: {}', 'utf16le'));
    expect(wide.problems[0]?.message).toBe('The file is UTF-16, but a pipeline must be UTF-8.');
    expect((await bytes(Buffer.from('\uFEFFjobs: { a: { steps: [{ run: "�" }] } }'))).pipeline?.jobs[0]?.steps[0]?.run).toBe('�');
  });
});

it.each([
  ['25,000 unknown keys', Array.from({ length: 25_000 }, (_, n) => `k${n.toString(36)}: 1`).join('\n')],
  ['a quote that never ends', '"'.repeat(250_000)],
])('reads %s while the server goes on with other work', async (_name, pipelineYaml) => {
  const start = performance.now();
  const reading = compileApart({ pipelineYaml, packageJson: null, hasLockFile: false });
  let read = false;
  void reading.finally(() => {
    read = true;
  });
  let longestMs = 0;
  for (let before = performance.now(); !read; before = performance.now()) {
    await new Promise(setImmediate);
    longestMs = Math.max(longestMs, performance.now() - before);
  }
  expect((await reading).problems).toHaveLength(51);
  expect(longestMs).toBeLessThan((performance.now() - start) / 2);
});

it('serves the schema to editors', async () => {
  const app = Fastify();
  await app.register(pipelineSchemaRoutes);
  const { statusCode, body } = await app.inject('/schemas/slipway.yml.json');
  await app.close();
  expect(statusCode).toBe(200);
  const schema = JSON.parse(body) as { required: string[]; properties: { jobs: { additionalProperties: { properties: object } } } };
  expect(schema.required).toEqual(['jobs']);
  expect(Object.keys(schema.properties.jobs.additionalProperties.properties)).toContain('timeout-minutes');
});
