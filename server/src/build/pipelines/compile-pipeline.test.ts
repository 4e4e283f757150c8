import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { compilePipeline } from './compile-pipeline.js';
import { isStorable } from './compiled.js';
import { EVERY_BRANCH, EVERYTHING } from './event-filter.js';
import type { CompiledPipeline } from './pipeline.js';

const compile = (yaml: string) => compilePipeline({ pipelineYaml: yaml, packageJson: null, hasLockFile: false });
/** `line:column message → remedy` of each problem. */
const problems = (yaml: string) => compile(yaml).problems.map((p) => `${p.line}:${p.column} ${p.message} → ${p.remedy}`);

function pipelineOf(yaml: string): CompiledPipeline {
  const { pipeline, problems } = compile(yaml);
  if (!pipeline) throw new Error(JSON.stringify(problems));
  return pipeline;
}

const BUILD = `
  build:
    steps: [{ run: make }]
    artifacts: [{ name: site, path: dist }]`;
const APP = `
app:
  start: ./serve`;

describe('a pipeline', () => {
  it('names a step by the beginning of its first line, without cutting a character in two', () => {
    for (let letters = 70; letters <= 80; letters++) {
      const line = `echo ${'x'.repeat(letters - 5)}🚀🚀🚀`;
      const [step] = pipelineOf(`jobs: { build: { steps: [{ run: "${line}" }] } }`).jobs[0]?.steps ?? [];
      expect(step?.name).toBe([...line].slice(0, 80).join(''));
    }
  });

  it('of the sample application compiles to build, unit and development', () => {
    const pipeline = pipelineOf(readFileSync(new URL('../../../../examples/hello-npm/.slipway.yml', import.meta.url), 'utf8'));
    expect(pipeline.jobs.map(({ name, kind, needs }) => ({ name, kind, needs }))).toEqual([
      { name: 'build', kind: 'build', needs: [] },
      { name: 'unit', kind: 'test', needs: ['build'] },
      { name: 'development', kind: 'deploy', needs: ['unit'] },
    ]);
    expect(pipeline.jobs[2]?.deploy).toMatchObject({
      environment: 'development',
      strategy: 'blue-green',
      app: { artifact: 'site', minimumHealthyMs: 2_000 },
    });
    expect(pipeline.jobs[1]?.reports.tests).toEqual(['junit.xml']);
  });

  it('takes defaults, merges variables and finds the only artifact', () => {
    const pipeline = pipelineOf(
      `env: { A: 1, B: true }\njobs:${BUILD}\n    env: { A: two }\n    timeout: 90s\n  live:\n    kind: deploy\n    needs: build\n    environment: testing${APP}`,
    );
    expect(pipeline.on).toEqual({ push: EVERY_BRANCH, pullRequest: EVERYTHING, manual: true });
    expect(pipeline.jobs[0]).toMatchObject({
      kind: 'build',
      env: { A: 'two', B: 'true' },
      timeoutMs: 90_000,
      steps: [{ name: 'make', shell: null, workingDirectory: '.' }],
    });
    expect(pipeline.jobs[1]?.deploy).toMatchObject({
      strategy: 'blue-green',
      app: { artifact: 'site', env: {}, health: { path: '/', startupMs: 60_000 } },
    });
  });

  it.each([
    ['on: push', { push: EVERYTHING, pullRequest: null, manual: false }],
    ['on: [push, manual]', { push: EVERYTHING, pullRequest: null, manual: true }],
    ['on: { workflow_dispatch: }', { push: null, pullRequest: null, manual: true }],
    ['on: pull_request', { push: null, pullRequest: EVERYTHING, manual: false }],
    [
      'on: { push: { branches: main, tags-ignore: [x], paths: [a/**, "!a/b"] } }',
      { push: { ...EVERYTHING, branches: ['main'], tagsIgnore: ['x'], paths: ['a/**', '!a/b'] }, pullRequest: null, manual: false },
    ],
    [
      'on: { pull_request: { branches-ignore: x, paths-ignore: docs/** } }',
      { push: null, pullRequest: { ...EVERYTHING, branchesIgnore: ['x'], pathsIgnore: ['docs/**'] }, manual: false },
    ],
  ])('%s says what starts a run', (on, expected) => {
    expect(pipelineOf(`${on}\njobs:${BUILD}`).on).toEqual(expected);
  });
});

it('takes texts as they are written, numbers where numbers belong, and nothing where nothing is said', () => {
  const { on, jobs } = pipelineOf(
    `on: { push: { branches: [1.10, 010], tags: 2026-01-01 }, pull_request: ~, manual: null }
env: { V: 1.10, O: 010, B: 0x21fe1b0c5a6d7e8f, E: 1234567e8, N: no, D: 2026-01-01, Z: ~, EMPTY: , Q: "" }
jobs:
  constructor: { steps: [{ run: x, name: 1.0 }], timeout-minutes: 0.5, limits: { cpu-cores: 0.5, memory-mib: 512, disk-mib: 2048 }, artifacts: [{ name: 1.10, path: 1.10 }], tags: [08, true], env: { toString: on, __x: .inf } }
  live: { kind: deploy, needs: constructor, environment: 010 }
app: { start: x, instances: 3, artifact: "1.10", health: { healthy-after: 2, host: shop.example } }`,
  );
  expect(on).toMatchObject({ push: { branches: ['1.10', '010'], tags: ['2026-01-01'] }, pullRequest: EVERYTHING, manual: true });
  expect(jobs[0]).toMatchObject({ name: 'constructor', timeoutMs: 30_000, tags: ['08', 'true'], steps: [{ name: '1.0' }] });
  expect(jobs[0]?.limits).toEqual({ cpuCores: 0.5, memoryMib: 512, processes: null, diskMib: 2_048 });
  expect(jobs[1]?.limits).toBeNull();
  expect(jobs[0]?.env).toEqual({
    ...{ V: '1.10', O: '010', B: '0x21fe1b0c5a6d7e8f', E: '1234567e8', N: 'no', D: '2026-01-01', Z: '~', EMPTY: '', Q: '' },
    ...{ toString: 'on', __x: '.inf' },
  });
  expect(jobs[1]?.deploy).toMatchObject({
    environment: '010',
    app: { artifact: '1.10', instances: 3, health: { healthyAfter: 2, host: 'shop.example' } },
  });
});

it('gives a step the shell that it names, or its job', () => {
  const { jobs } = pipelineOf(
    'jobs: { a: { shell: sh, steps: [{ run: x }, { run: x, shell: "python3 {0}" }] }, b: { steps: [{ run: x }] } }',
  );
  expect(jobs.map((job) => job.steps.map((step) => step.shell))).toEqual([['sh', 'python3 {0}'], [null]]);
});

describe('a job says which pushes and pull requests need it', () => {
  it.each<[string, CompiledPipeline['jobs'][number]['on']]>([
    ['push', { push: EVERYTHING, pullRequest: null }],
    ['[push, pull_request]', { push: EVERYTHING, pullRequest: EVERYTHING }],
    ['{ push: { tags: v* }, pull_request: }', { push: { ...EVERYTHING, tags: ['v*'] }, pullRequest: EVERYTHING }],
  ])('on: %s', (on, expected) => {
    expect(pipelineOf(`jobs:${BUILD}\n    on: ${on}`).jobs[0]?.on).toEqual(expected);
    expect(pipelineOf(`jobs:${BUILD}`).jobs[0]?.on).toBeNull();
  });
});

describe('each problem has its place and its remedy', () => {
  it.each<[string, string, string]>([
    ['unknown key', `jobs:\n  build:\n    step:\n      - run: make`, '3:5 "step" is not a key of "jobs.build". → Did you mean "steps"?'],
    [
      'foreign key',
      `jobs:${BUILD}\n    runs-on: ubuntu`,
      '5:5 "runs-on" is not a key of "jobs.build". → Slipway picks an agent by its tags: write `tags: [linux]`, or leave it out.',
    ],
    [
      'unknown key within on',
      `on:\n  push:\n    branch: main\njobs:${BUILD}`,
      '3:5 "branch" is not a key of "on.push". → Did you mean "branches"?',
    ],
    [
      'both kinds of a filter',
      `on:\n  push:\n    branches: [main]\n    branches-ignore: [wip]\njobs:${BUILD}`,
      `4:5 "branches" and "branches-ignore" can't be used together. → Keep "branches", and exclude with "!": branches: ['**', '!wip'].`,
    ],
    [
      'both kinds of a filter of a job',
      `jobs:${BUILD}\n    on:\n      pull_request: { paths: a, paths-ignore: b }`,
      `6:47 "paths" and "paths-ignore" can't be used together. → Keep "paths", and exclude with "!": paths: ['**', '!b'].`,
    ],
    [
      'a filter that lets nothing through',
      `on: { push: { tags: ['!v1'] } }\njobs:${BUILD}`,
      `1:15 A pattern with "!" excludes from those before it, and there are none. → Write a pattern to include first, e.g. '**'.`,
    ],
    [
      'tags of a pull request',
      `on: { pull_request: { tags: v1 } }\njobs:${BUILD}`,
      '1:23 "tags" is not a key of "on.pull_request". → Remove it. Keys allowed here: branches, branches-ignore, paths, paths-ignore.',
    ],
    [
      'people by hand in a job',
      `jobs:${BUILD}\n    on: { manual: }`,
      '5:11 "manual" is not a key of "jobs.build.on". → Remove it. Keys allowed here: push, pull_request.',
    ],
    [
      'a filter without a pattern',
      `on: { push: { paths: [] } }\njobs:${BUILD}`,
      '1:15 "on.push.paths" must name at least one. → Change the value, or leave the key out where it has a default.',
    ],
    [
      'a shared part in a place of its own',
      `.defaults: &d { timeout: 5m }\njobs:${BUILD}`,
      '1:1 ".defaults" is not a key of the file. → Put an anchor (&name) where the part is used first, and its alias (*name), or "<<: *name", where it is used again.',
    ],
    [
      'a letter that looks like another',
      'jobs:\n  a:\n    \u0455teps: [{ run: x }]',
      '3:5 "\u0455teps" is not a key of "jobs.a". It contains U+0455, which is not an ASCII character. → Did you mean "steps"?',
    ],
    [
      'an expression of others in a variable',
      `jobs:${BUILD}\n    env: { KEY: "\${{ secrets.KEY }}" }`,
      '5:17 Slipway has no expressions in double curly brackets: programs would get this text as it stands. → Name secrets in "secrets", use variables such as $SLIPWAY_COMMIT within "run", and work out the rest there.',
    ],
    [
      'a list without entries',
      `on: []\njobs:${BUILD}`,
      '1:1 "on" must have at least 1 entry. → Change the value, or leave the key out where it has a default.',
    ],
    [
      'no time',
      `jobs:${BUILD}\n    timeout: 0s`,
      '5:14 "jobs.build.timeout" must be at least 1000ms. It is "0s" now. → Change the value, or leave the key out where it has a default.',
    ],
    ['no jobs', 'name: x', '1:1 The file has no "jobs". → Add "jobs:" with its value.'],
    [
      'wrong value',
      `jobs:${BUILD}\n    kind: biuld`,
      '5:11 "jobs.build.kind" must be build, test or deploy. It is "biuld" now. → Did you mean "build"?',
    ],
    [
      'step that is a text',
      'jobs:\n  build:\n    steps:\n      - make',
      '4:9 "jobs.build.steps.0" must be keys with values. It is "make" now. → Write each step as "- run: <command>".',
    ],
    [
      'a shell that is none',
      'jobs:\n  a:\n    steps: [{ run: x, shell: zsh }]',
      '3:30 "jobs.a.steps.0.shell" must be bash, sh, or a command line with {0} where the path of the script goes. It is "zsh" now. → Change the value, or leave the key out where it has a default.',
    ],
    [
      'a variable that is longer than the system takes',
      `env: { SHORT: x }\njobs:\n  a:\n    env:\n      LONG: ${'ä'.repeat(65_536)}\n    steps: [{ run: x }]`,
      '4:5 The variable LONG has 131078 bytes; the system allows 131072 for one variable. → Put long values into a file of the repository instead.',
    ],
    [
      'duration without unit',
      `jobs:${BUILD}\n    timeout: 30`,
      '5:14 "jobs.build.timeout" must be a duration with its unit, like 500ms, 30s, 5m or 1h. It is "30" now. → Change the value, or leave the key out where it has a default.',
    ],
    [
      'leaving the workspace',
      'jobs:\n  build:\n    steps:\n      - run: ls\n        working-directory: a/../../b',
      '5:28 "jobs.build.steps.0.working-directory" must be a path inside the repository: relative, without "..". It is "a/../../b" now. → Change the value, or leave the key out where it has a default.',
    ],
    [
      'needs nothing knows',
      `jobs:${BUILD}\n  unit:\n    needs: [build, biuld]\n    steps: [{ run: x }]`,
      '6:20 "unit" needs "biuld", but there is no such job. → Did you mean "build"?',
    ],
    [
      'cycle',
      'jobs:\n  a: { needs: c, steps: [{ run: x }] }\n  b: { needs: a, steps: [{ run: x }] }\n  c: { needs: b, steps: [{ run: x }] }',
      '2:15 Jobs need each other in a circle: a → c → b → a. → Remove one of these needs.',
    ],
    [
      'deploy without environment',
      `jobs:${BUILD}\n  live: { kind: deploy, needs: build }${APP}`,
      '5:3 The deploy job "live" does not say where to deploy. → Add "environment:" with a name, e.g. "environment: development".',
    ],
    [
      'deploy without app',
      `jobs:${BUILD}\n  live: { kind: deploy, needs: build, environment: x }`,
      '5:3 "live" deploys, but the file has no "app". → Add "app:" with "start: <command>" at the outermost level.',
    ],
    [
      'artifact of no needed job',
      `jobs:${BUILD}\n  live: { kind: deploy, environment: x }${APP}\n  artifact: site`,
      '8:13 No job that "live" needs makes the artifact "site". → Name the job that makes it in "needs".',
    ],
    [
      'a job that no message carries',
      `jobs:\n  a:\n    steps:\n      - run: &x ${'x'.repeat(60_000)}\n${'      - run: *x\n'.repeat(15)}`,
      '2:3 "a" is longer than 900 KiB with its variables and with aliases filled in. → Move long scripts to files of their own and run those.',
    ],
    ['job without steps', 'jobs:\n  build: {}', '2:3 "build" has no steps. → Add "steps:" with at least one "- run: <command>".'],
    [
      'wrong YAML',
      'jobs:\n\tbuild: 1',
      '2:1 This is not valid YAML: Tabs are not allowed as indentation → Replace the tab with spaces; YAML allows no tabs before keys and lists. Most editors can insert spaces when you press Tab.',
    ],
    [
      'name of a job',
      'jobs:\n  "my job": { steps: [{ run: x }] }',
      '2:3 "my job" in "jobs" must be 1 to 64 letters, digits, "_", "-" or ".", and begin with a letter or "_". → Rename it.',
    ],
  ])('%s', (_name, yaml, expected) => {
    expect(problems(yaml)).toContain(expected);
  });

  it('for a repository with nothing to go by', () => {
    expect(compilePipeline({ pipelineYaml: null, packageJson: null, hasLockFile: false }).problems[0]?.remedy).toContain('.slipway.yml');
  });
});

it('says that there are more problems than it shows', () => {
  const keys = (count: number) => `jobs:${BUILD}\n${Array.from({ length: count }, (_, n) => `    k${n}: 1`).join('\n')}`;
  expect(problems(keys(50))).toHaveLength(50);
  expect(problems(keys(51)).slice(49)).toEqual([
    expect.stringContaining('"k49" is not a key'),
    'null:null There are more than these 50 problems; reading stopped here. → Fix these first. The next run shows the remaining ones.',
  ]);
});

describe('hostile files are answered at once', () => {
  const jobs = (count: number) => `jobs:\n${Array.from({ length: count }, (_, n) => `  j${n}: { steps: [{ run: x }] }`).join('\n')}`;
  const lines = (count: number, line: (n: number) => string) => Array.from({ length: count }, (_, n) => line(n)).join('\n');
  const explosion = [
    'a: &a [x, x, x, x, x, x, x, x, x, x]',
    ...[...'bcdefgh'].map((name, n) => `${name}: &${name} [${`*${'abcdefg'[n]}, `.repeat(10)}]`),
  ].join('\n');

  it.each<[string, string]>([
    ['501 jobs', jobs(501)],
    ['10,000 jobs', jobs(10_000)],
    ['anchors that explode', explosion],
    ['a file of 5 MB', `name: ${'x'.repeat(5_000_000)}`],
    ['25,000 unknown keys', lines(25_000, (n) => `k${n.toString(36)}: 1`)],
    ['37,000 names of one letter or three', `jobs: {${lines(37_000, (n) => `${n.toString(36)},`)}}`],
    ['25,000 wrong variables', `env:\n${lines(25_000, (n) => `  ${n}: 1`)}\njobs: {}`],
    ['needs that nobody knows', `jobs:\n  a: { needs: [${lines(500, (n) => `${'x'.repeat(60)}${n},`)}] }`],
    ['deep brackets', '['.repeat(1_000_000)],
    ['deep maps', '{a: '.repeat(250_000)],
    ['deep lists', '- '.repeat(500_000)],
    ['deep keys', '? '.repeat(500_000)],
    ['an alias of itself', 'jobs: &a { x: *a }'],
    ['__proto__', 'jobs:\n  __proto__: { steps: [{ run: x }] }\n  constructor: { needs: toString }'],
    ['NUL in a key', 'jobs: { a: { "x\\0\\ud800": 1 } }'],
    ['NUL', 'jobs: { a: { steps: [{ run: "x\\0" }] } }'],
    ['half a character', 'jobs: { a: { env: { A: "\\ud800" }, steps: [{ run: x }] } }'],
    [
      'merges of merges',
      `a: &a {x: 1}\n${[...'bcdefghi'].map((name, n) => `${name}: &${name} {<<: [${`*${'abcdefgh'[n]}, `.repeat(10)}]}`).join('\n')}`,
    ],
    ['variables of the file in each of many jobs', `env: { A: ${'x'.repeat(60_000)}, B: ${'x'.repeat(60_000)} }\n${jobs(400)}`],
    ['a list', '- jobs'],
    ['a number', '1'],
    ['nothing', ''],
    ['two documents', 'jobs: {}\n---\njobs: {}'],
  ])('%s', (_name, yaml) => {
    const start = process.cpuUsage();
    const { pipeline, problems } = compile(yaml);
    expect(process.cpuUsage(start).user / 1_000).toBeLessThan(3_000);
    expect(pipeline).toBeNull();
    expect(problems.length).toBeGreaterThan(0);
    expect(problems.every((problem) => problem.message && problem.remedy)).toBe(true);
    expect(isStorable(problems)).toBe(true);
  });
});

describe('without a pipeline', () => {
  const fromPackage = (packageJson: object, hasLockFile = true) =>
    compilePipeline({ pipelineYaml: null, packageJson: JSON.stringify(packageJson), hasLockFile });

  it('package.json with build, test and start is built, tested and deployed to development', () => {
    const { pipeline } = fromPackage({ scripts: { build: 'tsc', test: 'vitest', start: 'node .' } });
    expect(pipeline?.jobs.map((job) => [job.name, job.kind, job.needs, job.steps.map((step) => step.run)])).toEqual([
      ['build', 'build', [], ['npm ci', 'npm run build']],
      ['test', 'test', ['build'], ['npm ci', 'npm test']],
      ['deploy', 'deploy', ['build', 'test'], []],
    ]);
    expect(pipeline?.jobs[2]?.deploy).toMatchObject({ environment: 'development', app: { artifact: 'app' } });
    expect(pipeline?.jobs[0]?.artifacts).toEqual([{ name: 'app', paths: ['.'] }]);
  });

  it('what package.json lacks is left out', () => {
    const { pipeline } = fromPackage({ scripts: { test: 'echo "Error: no test specified" && exit 1' } }, false);
    expect(pipeline?.jobs.map((job) => job.steps.map((step) => step.run))).toEqual([['npm install --no-package-lock']]);
  });

  it('a broken package.json is shown as such', () => {
    expect(compilePipeline({ pipelineYaml: null, packageJson: '{', hasLockFile: false }).problems[0]?.file).toBe('package.json');
    expect(fromPackage({ scripts: { build: 1 } }).pipeline).toBeNull();
  });
});
