import { readFileSync } from 'node:fs';
import { anyOf } from '@slipway/protocol';
import { compilePipeline } from '../../build/pipelines/compile-pipeline.js';
import { isStorable } from '../../build/pipelines/compiled.js';
import { decideRun } from '../../build/pipelines/decide-run.js';
import { senderOf } from '../../source/code-hosts/code-hosts.js';
import { HOST_KINDS, type HostKind } from '../../source/code-hosts/host-kinds.js';
import { HOST_FIXTURES } from '../../source/code-hosts/testing/host-fixtures.js';
import { readNews } from '../../source/webhooks/read-news.js';
import type { Target } from './fuzz.js';
import { logChunks } from './log-chunks.js';
import { mutations, randomNumbers } from './mutations.js';

const PIPELINES = [
  readFileSync(new URL('../../../../examples/hello-npm/.slipway.yml', import.meta.url), 'utf8'),
  `on:\n  push:\n    branches: [main, 'release/**', '!release/old']\n    tags: 'v*'\n    paths-ignore: docs/**\n  pull_request:\n  manual: ~\nenv: { A: 1.10, B: "x" }
jobs:\n  build: &build\n    shell: sh\n    steps:\n      - run: |\n          make all\n          printf '\\033[1m'\n        env: { C: yes }\n    artifacts: [{ name: site, path: [dist, a/**] }]\n    timeout-minutes: 1.5
  unit: { <<: *build, kind: test, needs: build, artifacts: [], reports: { tests: junit.xml }, on: { push: { paths: [src/**] } } }
  live: { kind: deploy, needs: [unit], environment: testing, strategy: recreate }\napp:\n  start: exec ./serve\n  instances: 2\n  health: { path: /, interval: 2s, healthy-after: 3 }\n`,
];
const YAML_PIECES = [
  ...[
    '\n',
    '  ',
    '\t',
    '- ',
    ': ',
    ', ',
    '[',
    ']',
    '{',
    '}',
    '"',
    "'",
    '#',
    '&a ',
    '*a',
    '*build',
    '<<: ',
    '<<: *build',
    '|\n',
    '>-\n',
    '---\n',
    '...\n',
    '? ',
    '!!int ',
  ],
  ...[
    '!x ',
    '%YAML 1.2\n',
    '~',
    'null',
    '1e999',
    '010',
    '__proto__',
    'constructor',
    'toString',
    '\uFEFF',
    '\r\n',
    '\0',
    '\ud800',
    '\\',
    '\u2028',
    '@',
    '`',
    '💥',
  ],
  ...['jobs:', 'needs: ', 'steps:', 'run: ', 'on: ', 'env: ', 'kind: deploy', 'SLIPWAY_X: 1', 'timeout: 1h', '**', '!'],
];
const EVENTS = ['refs/heads/main', 'refs/tags/v1'].map((ref) => ({
  ...{ kind: 'push' as const, ref, message: 'A change', changedPaths: ['src/a.js', 'docs/a.md'] },
}));

const pipelines: Target = {
  name: 'pipelines',
  inputs: (seed) => mutations({ examples: PIPELINES, pieces: YAML_PIECES, seed }),
  read(input) {
    const { pipeline, problems } = compilePipeline({ pipelineYaml: input, packageJson: null, hasLockFile: false });
    if (!isStorable(problems) || !isStorable(pipeline)) throw new Error('It can not be stored.');
    if ((pipeline === null) === (problems.length === 0)) throw new Error('It is neither a pipeline nor a list of problems.');
    if (problems.some(({ message, remedy, line }) => !message || !remedy || line === 0)) throw new Error('A problem says too little.');
    if (pipeline) for (const event of EVENTS) decideRun(pipeline, event);
  },
};

const PATTERNS = ['release/**', '!docs/**/*.md', 'v[0-9]*.?', '{a,b{c,d}}/*', '**/node_modules/**', 'app/[slug]/page.js', 'a\\*b', '**.js'];
const PATTERN_PIECES = ['*', '**', '**/', '?', '[', ']', '[!a-z]', '{', '}', ',', '\\', '/', '!', 'a', 'ä', '💥', '-', '^', '\0'];
const SPECIAL = /[*?[\]{}\\!,]/g;

const patterns: Target = {
  name: 'patterns',
  *inputs(seed) {
    for (const input of mutations({ examples: PATTERNS, pieces: PATTERN_PIECES, seed })) yield input.slice(0, 250);
  },
  read(input) {
    const name = input.replaceAll('*', 'aa/').slice(0, 250);
    anyOf(['**', input])(name);
    anyOf([input, input.toUpperCase()])(`${name}b`);
    if (input && !anyOf([input.replaceAll(SPECIAL, '\\$&')])(input))
      throw new Error('A pattern without special letters does not match itself.');
  },
};

const SENDERS: [HostKind, Record<string, string>, object][] = HOST_KINDS.flatMap((host) => {
  const { headers, calls } = HOST_FIXTURES[host].webhook;
  return calls.all.map(({ event, payload }): [HostKind, Record<string, string>, object] => [host, headers(event, 'd'), payload]);
});
const JSON_PIECES = [
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '"',
  '""',
  'null',
  'true',
  '-1',
  '1e999',
  '0.1',
  '\\u0000',
  '\\ud800',
  '"__proto__":{},',
  '"ref":"refs/heads/x",',
  '[[[[',
  '\0',
  '\ud800',
  '💥',
];

const webhooks: Target = {
  name: 'webhooks',
  *inputs(seed) {
    const random = randomNumbers(seed);
    const bodies = mutations({ examples: SENDERS.map(([, , body]) => JSON.stringify(body, null, 1)), pieces: JSON_PIECES, seed });
    for (const body of bodies) yield `${Math.floor(random() * SENDERS.length)} ${body}`;
  },
  read(input) {
    const [sender = '', body = ''] = input.split(/ (.*)/s, 2);
    const [host = null, headers = {}] = SENDERS[Number(sender)] ?? [];
    const news = readNews(senderOf(headers, host), headers, Buffer.from(body));
    if ('why' in news && news.why === '') throw new Error('It does not say what is wrong.');
  },
};

export const TARGETS: readonly Target[] = [pipelines, patterns, webhooks, logChunks];
