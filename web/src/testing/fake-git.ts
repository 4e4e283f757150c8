import { randomUUID } from 'node:crypto';
import type { FakeInstallation } from './fake-data.ts';
import { aConnection } from './fake-hosts.ts';
import { ago, sha, type Thing } from './fake-things.ts';

/** Branches of every kind, commits over days, pushes with and without runs, pull requests in all states. */
export function fillHistory(data: FakeInstallation, project: Thing, repository: Thing, { branches = 4, commits = 45 } = {}): void {
  const environments = project.environments as Thing[];
  for (let seed = 1; seed <= commits; seed++) {
    const runs = project.allRuns.filter((run: Thing) => run.repository === repository);
    const run = seed % 4 === 3 || seed === 13 ? null : runs[(seed - 1) % runs.length];
    repository.allCommits.push({
      ...data.commit(seed),
      id: `c${seed}`,
      committedAt: ago(seed * seed * 11),
      branches: seed === 1 ? ['main'] : seed === 5 ? ['improve/greeting'] : [],
      tags: seed === 2 ? ['v1.4.0'] : seed === 9 ? ['v1.3.0', 'stable'] : [],
      pullRequestNumber: seed % 7 === 0 ? seed : null,
      environments:
        seed < 12 && environments.length > 0 && seed % 2 === 0
          ? environments
              .slice(0, 1 + (seed % 3))
              .map((environment, index) => ({ environment, isLive: index === 0 && seed === 2, reachedAt: ago(seed * 60) }))
          : [],
      runs: ({ first }: Thing) => (run ? [run].slice(0, first) : []),
    });
  }
  rules(repository);
  for (let number = 1; number <= branches; number++) addBranch(data, project, repository, branchName(number), number);
  for (const branch of repository.allBranches) {
    branch.protectedBy ??= branch.name === repository.defaultBranch ? repository.branchRules[0] : null;
    branch.ahead ??= branch.isDefault ? 0 : (branch.name.length * 7) % 31;
    branch.behind ??= branch.isDefault ? 0 : (branch.name.length * 5) % 120;
  }
  pushes(data, project, repository);
}

const branchName = (number: number) =>
  `${['feature', 'fix', 'release', 'ada'][number % 4]}/${['cart', 'login', 'prices', 'a-name-that-goes-on-for-quite-a-while-as-some-names-do', 'überraschung'][number % 5]}-${number}`;

function addBranch(data: FakeInstallation, project: Thing, repository: Thing, name: string, seed: number): Thing {
  const branch: Thing = {
    id: randomUUID(),
    name,
    head: data.commit(seed),
    updatedAt: ago(seed * 40),
    isDefault: false,
    lastRun: () => (seed % 3 === 0 ? null : (project.allRuns[seed % Math.max(1, project.allRuns.length)] ?? null)),
    ahead: seed % 11 === 0 ? null : seed % 9,
    behind: seed % 11 === 0 ? null : (seed * 13) % 240,
    protectedBy: name.startsWith('release/') ? repository.branchRules[1] : null,
  };
  repository.allBranches.push(branch);
  return branch;
}

function rules(repository: Thing): void {
  repository.branchRules = [
    {
      id: randomUUID(),
      pattern: 'main',
      pushRole: null,
      allowForce: false,
      allowDelete: false,
      requiredJobs: ['build', 'unit'],
      environments: null,
    },
    {
      id: randomUUID(),
      pattern: 'release/**',
      pushRole: 'DEPLOYER',
      allowForce: false,
      allowDelete: false,
      requiredJobs: ['build'],
      environments: ['staging', 'production'],
    },
    {
      id: randomUUID(),
      pattern: '**',
      pushRole: 'DEVELOPER',
      allowForce: true,
      allowDelete: true,
      requiredJobs: [],
      environments: ['development'],
    },
  ];
}

const ZEROS = '0'.repeat(40);
const NO_RUNS: [string, string, string, Thing][] = [
  ['skip_mark', 'refs/heads/main', 'The newest commit says [skip ci].', {}],
  [
    'branch_filter',
    'refs/heads/ada/cart-3',
    'The pipeline’s on.push.branches names main and release/**: ada/cart-3 is none of them.',
    { forced: true },
  ],
  [
    'path_filter',
    'refs/heads/feature/login-1',
    'on.push.paths names src/** and package.json: none of the 2 changed files is among them.',
    { cause: 'FETCH' },
  ],
  ['deleted', 'refs/heads/fix/old-footer', 'The branch was deleted.', { newSha: ZEROS, head: null, commits: 0 }],
  ['event_not_on', 'refs/tags/v1.4.0', 'The pipeline does not name tags under on.', { oldSha: ZEROS, commits: 0 }],
  [
    'import',
    'refs/heads/release/prices-2',
    'It already existed when the repository was added.',
    { cause: 'IMPORT', oldSha: ZEROS, commits: 0 },
  ],
];

function pushes(data: FakeInstallation, project: Thing, repository: Thing): void {
  for (let seed = 1; seed <= 40; seed++) {
    const run = seed % 2 === 0 ? project.allRuns[(seed / 2) % Math.max(1, project.allRuns.length)] : null;
    const [code, ref, message, more] = NO_RUNS[((seed - 1) / 2) % NO_RUNS.length] ?? [];
    repository.allPushes.push({
      id: randomUUID(),
      cause: 'PUSH',
      commits: 1 + (seed % 4),
      forced: false,
      newSha: sha(seed),
      oldSha: sha(seed + 1),
      pushedAt: ago(seed * 31 - 30),
      ref: run ? `refs/heads/${run.branch}` : ref,
      head: data.commit(seed),
      noRun: run || !code ? null : { code, message },
      pushedBy: seed % 5 === 0 ? null : data.viewer,
      run,
      ...(run ? {} : more),
    });
  }
}

/** One of each: clean, in conflict, from a fork and unseen, approved, still being fetched, merged, closed. */
export function fillPullRequests(data: FakeInstallation, project: Thing, repository: Thing): void {
  Object.assign(repository, {
    kind: 'EXTERNAL',
    host: 'GITHUB',
    url: 'https://github.com/acme/storefront.git',
    connection: aConnection(),
    allDeliveries: [],
  });
  const run = (more: Thing) =>
    data.run(project, repository, 100 + project.allRuns.length, more.state, {
      trigger: 'PULL_REQUEST',
      ...more,
      minutesAgo: more.minutesAgo ?? 20,
    });
  const add = (number: number, title: string, more: Thing) => {
    const pullRequest: Thing = {
      id: randomUUID(),
      number,
      title,
      author: 'grace',
      state: 'OPEN',
      sourceBranch: 'improve/cart',
      sourceRepository: null,
      isFork: false,
      baseBranch: 'main',
      headSha: sha(number),
      mergeSha: sha(number + 50),
      mergeState: 'CLEAN',
      conflicts: [],
      needsApproval: false,
      approvedAt: null,
      approvedBy: null,
      noRunReason: null,
      openedAt: ago(number * 40),
      updatedAt: ago(number * 3),
      closedAt: null,
      url: `https://github.com/acme/storefront/pull/${number}`,
      allRuns: [],
      runs: ({ first }: Thing) => pullRequest.allRuns.slice(0, first),
      lastRun: () => pullRequest.allRuns[0] ?? null,
      ...more,
    };
    repository.allPullRequests.unshift(pullRequest);
    return pullRequest;
  };
  const built = (pullRequest: Thing, state: string, report: Thing = {}) =>
    pullRequest.allRuns.push(
      run({
        state,
        branch: pullRequest.sourceBranch,
        ref: `refs/pull/${pullRequest.number}/merge`,
        headSha: pullRequest.headSha,
        trusted: !pullRequest.isFork,
        pullRequest,
        statusReport: {
          context: 'slipway/web/pr',
          description: '5 of 5 jobs passed · 2m10s',
          error: null,
          isTold: true,
          nextTryAt: null,
          sentAt: ago(12),
          sha: pullRequest.headSha,
          state: 'SUCCESS',
          ...report,
        },
      }),
    );
  for (let number = 1; number <= 36; number++)
    add(number, `Older change ${number}`, { state: number % 3 ? 'MERGED' : 'CLOSED', closedAt: ago(number * 90) });
  built(add(37, 'Keep the cart when the session ends', {}), 'SUCCEEDED');
  add(38, 'Rework the checkout so that it fits on one page', {
    sourceBranch: 'rework/checkout',
    mergeState: 'CONFLICT',
    mergeSha: null,
    conflicts: ['src/checkout/summary.ts', 'src/checkout/form.ts', 'package-lock.json'],
    noRunReason: 'It can’t be merged into main: 3 files are in conflict.',
  });
  add(39, 'Translate the footer', {
    author: 'stranger',
    isFork: true,
    sourceRepository: 'stranger/storefront',
    sourceBranch: 'patch-1',
    needsApproval: true,
    noRunReason: 'Its code is a fork’s: somebody has to approve the commit first.',
  });
  built(
    add(40, 'Show prices with the tax of the country that the customer is in, and say which one it is', {
      author: 'someone-with-a-long-name',
      isFork: true,
      sourceRepository: 'someone-with-a-long-name/storefront',
      sourceBranch: 'feature/prices-with-tax-of-the-country',
      approvedAt: ago(30),
      approvedBy: data.viewer,
    }),
    'FAILED',
    {
      error: 'HTTP 403: Resource not accessible by personal access token',
      isTold: false,
      nextTryAt: new Date(Date.now() + 40 * 60_000).toISOString(),
      sentAt: null,
      state: 'FAILURE',
      description: '3 of 5 jobs passed, 1 failed · 2m10s',
    },
  );
  add(41, 'Bump the linter', { mergeState: 'UNKNOWN', mergeSha: null, author: 'robot', sourceBranch: 'robot/linter' });
}
