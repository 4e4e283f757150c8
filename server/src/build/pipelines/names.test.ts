import { describe, expect, it } from 'vitest';
import { checkEnvironmentName, checkVariables } from '../../deliver/environments/environment.js';
import { checkSecretName } from '../../deliver/secrets/secret.js';
import { checkRule } from '../../source/branches/rules/branch-rule.js';
import { PipelineFile } from './pipeline-schema.js';

const passes = (check: () => void): boolean => {
  try {
    check();
    return true;
  } catch {
    return false;
  }
};
const inPipeline = (job: object): boolean => PipelineFile.safeParse({ jobs: { build: job } }).success;
const rule = { pattern: 'main', pushRole: null, allowForce: false, allowDelete: false, requiredJobs: [], environments: null };

const ALPHABET = ['a', 'B', '9', '-', '_', '.', 'é', ' '];
const NAMES = [
  ...[1, 2, 62, 63, 64, 65, 100, 101, 128, 129, 255, 256].flatMap((length) => ['a', 'A', '9'].map((letter) => letter.repeat(length))),
  ...ALPHABET.flatMap((first) => ALPHABET.flatMap((last) => [`${first}${last}`, `${first}x${last}`, `${first}X${last}`])),
  ...['', 'PORT', 'PATH', 'SLIPWAY_A', 'staging\n'],
];

describe('what a pipeline may name, and what may be made by that name, are the same', () => {
  it.each(NAMES)('%j', (name) => {
    const asEnvironment = passes(() => checkEnvironmentName(name));
    expect(inPipeline({ kind: 'deploy', environment: name })).toBe(asEnvironment);
    expect(passes(() => checkRule({ ...rule, environments: [name] }))).toBe(asEnvironment);
    expect(inPipeline({ secrets: [name] })).toBe(passes(() => checkSecretName(name)));
    expect(PipelineFile.safeParse({ jobs: { [name]: {} } }).success).toBe(passes(() => checkRule({ ...rule, requiredJobs: [name] })));
    if (!/^(?:PORT|RELEASE|SLIPWAY_)/.test(name))
      expect(inPipeline({ env: { [name]: '1' } })).toBe(passes(() => checkVariables([{ name, value: '1' }])));
  });
});
