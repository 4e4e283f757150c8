import { describe, expect, it } from 'vitest';
import { aJobSpec, aPipeline } from '../../testing/builders.js';
import { processorMs } from '../../testing/processor-time.js';
import { decideRun, needsChangedPaths } from './decide-run.js';
import { EVERY_BRANCH, EVERYTHING } from './event-filter.js';
import type { CompiledPipeline, EventFilter, JobSpec } from './pipeline.js';
import type { ChangedPaths, RunEvent } from './run-event.js';

const on = (triggers: Partial<CompiledPipeline['on']>, ...jobs: JobSpec[]): CompiledPipeline => ({
  ...aPipeline(...(jobs.length > 0 ? jobs : [aJobSpec()])),
  on: { push: null, pullRequest: null, manual: false, ...triggers },
});
const filter = (over: Partial<EventFilter>): EventFilter => ({ ...EVERYTHING, ...over });
const push = (ref: string, changedPaths: ChangedPaths = null, message = ''): RunEvent => ({
  kind: 'push',
  ref: ref.startsWith('refs/') ? ref : `refs/heads/${ref}`,
  message,
  changedPaths,
});
const pullRequest = (baseBranch: string, changedPaths: ChangedPaths = null): RunEvent => ({
  kind: 'pull_request',
  baseBranch,
  message: '',
  changedPaths,
});
const answer = (pipeline: CompiledPipeline, event: RunEvent): string => {
  const decision = decideRun(pipeline, event);
  return decision.start ? 'run' : decision.code;
};

describe('branches and tags', () => {
  it.each<[Partial<EventFilter>, string, string]>([
    [{}, 'main', 'run'],
    [{}, 'refs/tags/v1', 'run'],
    [EVERY_BRANCH, 'feature/x', 'run'],
    [EVERY_BRANCH, 'refs/tags/v1', 'tag_filter'],
    [{ branches: ['main'] }, 'main', 'run'],
    [{ branches: ['main'] }, 'Main', 'branch_filter'],
    [{ branches: ['main'] }, 'refs/tags/main', 'tag_filter'],
    [{ branches: ['release/*'] }, 'release/1', 'run'],
    [{ branches: ['release/*'] }, 'release/1/fix', 'branch_filter'],
    [{ branches: ['release/**'] }, 'release/1/fix', 'run'],
    [{ branches: ['release/*', '!release/old'] }, 'release/old', 'branch_filter'],
    [{ branches: ['!release/old', 'release/*'] }, 'release/old', 'run'],
    [{ branches: ['**'] }, 'feature/größe-日本', 'run'],
    [{ branches: ['*'] }, '.hidden', 'run'],
    [{ branchesIgnore: ['wip/**'] }, 'wip/x', 'branch_filter'],
    [{ branchesIgnore: ['wip/**'] }, 'main', 'run'],
    [{ branchesIgnore: ['wip/**'] }, 'refs/tags/v1', 'tag_filter'],
    [{ tags: ['v*'] }, 'refs/tags/v1', 'run'],
    [{ tags: ['v*'] }, 'refs/tags/nightly', 'tag_filter'],
    [{ tags: ['v*'] }, 'main', 'branch_filter'],
    [{ tagsIgnore: ['nightly'] }, 'refs/tags/v1', 'run'],
    [{ tagsIgnore: ['nightly'] }, 'refs/tags/nightly', 'tag_filter'],
    [{ tagsIgnore: ['nightly'] }, 'main', 'branch_filter'],
    [{ branches: ['main'], tags: ['v*'] }, 'main', 'run'],
    [{ branches: ['main'], tags: ['v*'] }, 'refs/tags/v1', 'run'],
    [{ branches: ['main'], tags: ['v*'] }, 'other', 'branch_filter'],
    [{ branches: ['main'], tagsIgnore: ['**'] }, 'refs/tags/v1', 'tag_filter'],
  ])('with %j, a push of %s: %s', (given, ref, expected) => {
    expect(answer(on({ push: filter(given) }), push(ref))).toBe(expected);
  });

  it('of a pull request are those of its base', () => {
    const pipeline = on({ pullRequest: filter({ branches: ['main'] }) });
    expect(answer(pipeline, pullRequest('main'))).toBe('run');
    expect(answer(pipeline, pullRequest('release/1'))).toBe('branch_filter');
  });

  it('that a pipeline names for another event count for none', () => {
    expect(answer(on({ pullRequest: EVERYTHING }), push('main'))).toBe('event_not_on');
    expect(answer(on({ push: EVERYTHING }), pullRequest('main'))).toBe('event_not_on');
  });
});

describe('paths', () => {
  it.each<[Partial<EventFilter>, ChangedPaths, string]>([
    [{ paths: ['api/**'] }, ['api/a.ts', 'README.md'], 'run'],
    [{ paths: ['api/**'] }, ['README.md'], 'path_filter'],
    [{ paths: ['api/**'] }, [], 'path_filter'],
    [{ paths: ['api/**'] }, null, 'run'],
    [{ paths: ['api/**', '!api/docs/**'] }, ['api/docs/x.md'], 'path_filter'],
    [{ paths: ['api/**', '!api/docs/**'] }, ['api/docs/x.md', 'api/x.ts'], 'run'],
    [{ paths: ['größe/*'] }, ['größe/日本'], 'run'],
    [{ pathsIgnore: ['docs/**', '**.md'] }, ['docs/a', 'a/b.md'], 'path_filter'],
    [{ pathsIgnore: ['docs/**'] }, ['docs/a', 'src/a'], 'run'],
    [{ pathsIgnore: ['docs/**'] }, [], 'run'],
    [{ pathsIgnore: ['**'] }, null, 'run'],
    [{ branches: ['main'], paths: ['api/**'] }, ['web/a'], 'path_filter'],
    [{ branches: ['other'], paths: ['api/**'] }, ['api/a'], 'branch_filter'],
  ])('with %j and %j changed: %s', (given, changed, expected) => {
    expect(answer(on({ push: filter(given) }), push('main', changed))).toBe(expected);
    if (expected !== 'branch_filter') expect(answer(on({ pullRequest: filter(given) }), pullRequest('main', changed))).toBe(expected);
  });

  it('are not looked at for tags', () => {
    expect(answer(on({ push: filter({ paths: ['api/**'] }) }), push('refs/tags/v1', ['web/a']))).toBe('run');
  });

  it('are asked for only where a filter of the event looks at them', () => {
    const job = aJobSpec({ on: { push: null, pullRequest: filter({ pathsIgnore: ['x'] }) } });
    expect(needsChangedPaths(on({ push: EVERYTHING }), 'push')).toBe(false);
    expect(needsChangedPaths(on({ push: filter({ paths: ['x'] }) }), 'push')).toBe(true);
    expect(needsChangedPaths(on({ push: EVERYTHING }, job), 'push')).toBe(false);
    expect(needsChangedPaths(on({ push: EVERYTHING }, job), 'pull_request')).toBe(true);
  });

  it('all count when comparing would take too long', () => {
    const many = Array.from({ length: 10_000 }, (_, n) => `${'a'.repeat(200)}${n}`);
    const paths = Array.from({ length: 100 }, () => `${'*a'.repeat(100)}b`);
    const start = processorMs();
    expect(answer(on({ push: filter({ paths }) }), push('main', many))).toBe('run');
    expect(processorMs() - start).toBeLessThan(3_000);
  });
});

describe('a commit that says so starts nothing', () => {
  it('by a push or a pull request, and the mark is named', () => {
    const decision = decideRun(on({ push: EVERYTHING }), push('main', null, 'Docs [skip ci]'));
    expect(decision).toEqual({ start: false, code: 'skip_mark', message: 'The message of the commit says "[skip ci]".' });
    expect(answer(on({ pullRequest: EVERYTHING }), { ...pullRequest('main'), message: '[ci skip]' })).toBe('skip_mark');
  });
});

describe('jobs with "on" of their own', () => {
  const only = (over: Partial<EventFilter>): JobSpec['on'] => ({ push: filter(over), pullRequest: null });
  const skips = (pipeline: CompiledPipeline, event: RunEvent) => {
    const decision = decideRun(pipeline, event);
    return decision.start ? decision.skips : decision;
  };
  const api = aJobSpec({ name: 'api', on: { push: filter({ paths: ['api/**'] }), pullRequest: filter({ paths: ['api/**'] }) } });
  const web = aJobSpec({ name: 'web', on: { push: filter({ paths: ['web/**'] }), pullRequest: filter({ paths: ['web/**'] }) } });

  it('are left out when the event is none of theirs, with the filter and why', () => {
    expect(skips(on({ push: EVERYTHING }, api, web), push('main', ['api/a']))).toEqual([
      { name: 'web', reason: 'filtered', message: 'No changed file matches "paths" (web/**).' },
    ]);
    expect(skips(on({ pullRequest: EVERYTHING }, api, web), pullRequest('main', ['web/a']))).toMatchObject([{ name: 'api' }]);
    expect(skips(on({ push: EVERYTHING }, api, web), push('main', null))).toEqual([]);
  });

  it('are left out of events that they do not name', () => {
    const live = aJobSpec({ name: 'live', on: only({ branches: ['main'] }) });
    expect(skips(on({ pullRequest: EVERYTHING }, aJobSpec(), live), pullRequest('main'))).toEqual([
      { name: 'live', reason: 'filtered', message: `The job's "on" does not name pull_request.` },
    ]);
  });

  it('start no run when none of them is needed', () => {
    expect(skips(on({ push: EVERYTHING }, api, web), push('main', ['README.md']))).toMatchObject({
      start: false,
      code: 'no_job_needed',
      message: 'None of the jobs is needed. No changed file matches "paths" (api/**).',
    });
  });

  it('leave out the deploy job whose artifact they make, and no other', () => {
    const app = { artifact: 'site', start: 'x' } as NonNullable<JobSpec['deploy']>['app'];
    const live = aJobSpec({ name: 'live', kind: 'deploy', needs: ['lint'], deploy: { environment: 'live', strategy: 'recreate', app } });
    const lint = aJobSpec({ name: 'lint', needs: ['api', 'web'] });
    const making = (job: JobSpec): JobSpec => ({ ...job, artifacts: [{ name: 'site', paths: ['.'] }] });
    const event = push('main', ['web/a']);
    expect(skips(on({ push: EVERYTHING }, making(api), web, lint, live), event)).toEqual([
      { name: 'api', reason: 'filtered', message: 'No changed file matches "paths" (api/**).' },
      {
        name: 'live',
        reason: 'filtered',
        message: 'There is nothing to deploy, because "api" was not needed. No changed file matches "paths" (api/**).',
      },
    ]);
    expect(skips(on({ push: EVERYTHING }, api, making(web), lint, live), event)).toMatchObject([{ name: 'api' }]);
  });
});
