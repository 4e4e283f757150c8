import { describe, expect, it } from 'vitest';
import { anApp } from '../../deliver/deployments/testing/builders.js';
import { aJobSpec, aPipeline } from '../../testing/builders.js';
import { onlyDeploy, onlyTests } from './part-of-pipeline.js';
import type { CompiledPipeline, JobSpec } from './pipeline.js';

const build = aJobSpec({ artifacts: [{ name: 'site', paths: ['dist'] }] });
const test = (name: string, testType: JobSpec['testType'], ...needs: string[]) => aJobSpec({ name, kind: 'test', testType, needs });
const deploy = (environment: string, ...needs: string[]) =>
  aJobSpec({ name: `to-${environment}`, kind: 'deploy', needs, deploy: { environment, strategy: 'recreate', app: anApp() } });
const names = (pipeline: CompiledPipeline | null) => pipeline?.jobs.map((job) => job.name);

describe('the tests of one type', () => {
  const pipeline = aPipeline(
    build,
    aJobSpec({ name: 'docs' }),
    test('unit', 'unit', 'build'),
    test('database', 'integration', 'fixtures'),
    aJobSpec({ name: 'fixtures', needs: ['build'] }),
    deploy('testing', 'unit'),
  );

  it('come with what they need, directly or not, and nothing else', () => {
    expect(names(onlyTests(pipeline, 'unit'))).toEqual(['build', 'unit']);
    expect(names(onlyTests(pipeline, 'integration'))).toEqual(['build', 'database', 'fixtures']);
  });

  it('are null where the pipeline has none', () => {
    expect(onlyTests(pipeline, 'e2e')).toBeNull();
  });
});

describe('the deployment to one environment', () => {
  const pipeline = aPipeline(
    build,
    test('unit', 'unit', 'build'),
    aJobSpec({ name: 'docs' }),
    deploy('testing', 'unit'),
    test('e2e', 'e2e', 'to-testing'),
    deploy('production', 'e2e'),
  );

  it('needs what its job needs, but neither other deployments nor what comes after them', () => {
    expect(names(onlyDeploy(pipeline, 'testing'))).toEqual(['build', 'unit', 'to-testing']);
    const production = onlyDeploy(pipeline, 'production');
    expect(names(production)).toEqual(['build', 'unit', 'to-production']);
    expect(production?.jobs.at(-1)?.needs).toEqual(['build', 'unit']);
  });

  it('takes the first deploy job as its model where none names the environment', () => {
    const staging = onlyDeploy(pipeline, 'staging');
    expect(names(staging)).toEqual(['build', 'unit', 'deploy staging']);
    expect(staging?.jobs.at(-1)?.deploy).toEqual({ environment: 'staging', strategy: 'recreate', app: anApp() });
  });

  it('is null where the pipeline deploys nothing, or has nothing to deploy before another deployment', () => {
    expect(onlyDeploy(aPipeline(build), 'testing')).toBeNull();
    const late = aJobSpec({ name: 'late', needs: ['to-testing'], artifacts: [{ name: 'site', paths: ['dist'] }] });
    expect(onlyDeploy(aPipeline(aJobSpec(), deploy('testing', 'build'), late, deploy('production', 'late')), 'production')).toBeNull();
  });
});
