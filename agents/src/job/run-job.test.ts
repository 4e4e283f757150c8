import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { zstdDecompressSync } from 'node:zlib';
import type { Work } from '@slipway/protocol';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { anArchive } from '../testing/archives.js';
import { aStep } from '../testing/builders.js';
import { addCommit } from '../testing/http-server.js';
import { JobRunner, type Ran, REPOSITORY } from '../testing/job-runner.js';
import type { StopReason } from './stop-reason.js';

let jobs: JobRunner;

beforeAll(async () => {
  jobs = await JobRunner.open();
});
afterAll(() => jobs.close());
beforeEach(() => jobs.reset());
afterEach(() => jobs.clear());

const run = (changes: Partial<Work>, stop?: AbortController): Promise<Ran> => jobs.run(changes, { stop });
const checkout = () => jobs.checkout();
/** As the machine's own tar reads them. */
const namesIn = (archive: Buffer | undefined): string[] =>
  execFileSync('tar', ['-t'], { input: zstdDecompressSync(archive ?? Buffer.alloc(0)), encoding: 'utf8' })
    .trimEnd()
    .split('\n');
const nothingLeft = () => expect(readdirSync(join(jobs.dir, 'slots', '0'))).toEqual([]);

describe('a job', () => {
  it('runs its steps one after the other, and tells of each', async () => {
    const { outcome, text, events } = await run({
      steps: [aStep('echo one > file; echo "$GREETING"', { env: { GREETING: 'hi' } }), aStep('cat file; echo "$HOME $CI"')],
    });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(text).toContain('hi\n');
    expect(text).toContain('one\n');
    expect(events.map(({ kind }) => kind)).toEqual(['step_started', 'step_finished', 'step_started', 'step_finished']);
    expect(events[2]).toMatchObject({ index: 1, line: 2 });
    nothingLeft();
  });

  it('stops at the first step that fails, and names it and its exit code', async () => {
    const { outcome, text } = await run({ steps: [aStep('exit 3', { name: 'compile' }), aStep('echo never')] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'exit_code', step: 'compile', exitCode: 3 });
    expect(text).not.toContain('never');
  });

  it('fails at the first command that fails, also within a pipe', async () => {
    expect((await run({ steps: [aStep('false\necho went on')] })).text).not.toContain('went on');
    expect((await run({ steps: [aStep('false | cat\necho went on')] })).outcome.kind).toBe('failed');
  });

  it('is given to bash where the agent has it, says so first, and to another shell when it asks', async () => {
    const bash = await run({ steps: [aStep('if [[ a == a* ]]; then echo matched; fi')] });
    expect(bash.text.trim()).toBe('bash -eo pipefail\nmatched');
    const sh = await run({ steps: [aStep('false | cat; readlink /proc/$$/exe', { shell: 'sh' })] });
    expect(sh.text.trim()).toMatch(/^sh -e\n.*\/(da)?sh$/);
    const node = await run({ steps: [aStep('console.log(40 + 2)', { shell: 'node {0}' })] });
    expect(node.text.trim()).toBe('node {0}\n42');
  });

  it('says what to do when a command, an interpreter or a shell is missing', async () => {
    const missing = async (script: string, shell: string | null = null) => {
      const { outcome } = await run({ steps: [aStep(script, { shell })] });
      return outcome.kind === 'failed' ? outcome.message : outcome.kind;
    };
    expect(await missing('no-such-command')).toContain('a command was not found');
    expect(await missing('no-such-shell', 'no-such-shell {0}')).toContain('a command was not found');
    expect(await missing('printf "#!/no/such\\n" > x; chmod +x x; ./x')).toContain('(#!)');
    expect(await missing('printf "#!/bin/sh\\r\\n" > x; chmod +x x; ./x')).toContain('(#!)');
    expect(await missing('touch x; ./x')).toContain('chmod +x');
  });

  it('may have a script of any length and any letters', async () => {
    const { outcome, text } = await run({ steps: [aStep(`${'# größe\n'.repeat(60_000)}echo 'end 日本'`)] });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(text).toContain('end 日本');
  });

  it('can neither change its scripts nor read those of others, and leaves none', async () => {
    const { text } = await run({
      steps: [aStep('set +e; echo x >> "$0"; rm "$0"; echo x > "$(dirname "$0")/2"; ls "$(dirname "$0")"; grep -c x "$0"')],
    });
    expect(text.match(/Read-only file system/g)).toHaveLength(2);
    expect(text.match(/Permission denied/g)).toHaveLength(2);
    expect(text.trim().split('\n').at(-1)).toBe('1');
    nothingLeft();
  });

  it("is at fault itself when its variables are larger than the system's limit, and is told which", async () => {
    const { outcome } = await run({ secrets: { LONG: 'x'.repeat(140_000) }, steps: [aStep('true')] });
    expect(outcome).toMatchObject({
      kind: 'failed',
      reason: 'environment_too_large',
      message: expect.stringContaining('LONG has 140006 bytes'),
    });
    const most = await run({
      env: { LONG: 'x'.repeat(131_000), ...Object.fromEntries(Array.from({ length: 1_900 }, (_, n) => [`V${n}`, 'x'.repeat(450)])) },
      steps: [aStep('printenv LONG | wc -c; printenv V1899 | wc -c')],
    });
    expect(most.text).toContain('131001\n451');
  });

  it('hides the values of secrets in its log', async () => {
    const { text } = await run({
      secrets: { KEY: 's3cret-value' },
      steps: [aStep('echo "key: $KEY"; printf s3cr; sleep 0.05; echo et-value')],
    });
    expect(text).toContain('key: ');
    expect(text).not.toContain('s3cret-value');
  });

  it('leaves nothing behind that it closed, and can make nothing that can not be removed', async () => {
    const { outcome } = await run({
      steps: [aStep('mkdir -p a/b; touch a/b/c; chattr +i a/b/c 2>/dev/null && exit 1; chmod 000 a/b a "$HOME"')],
    });
    expect(outcome).toEqual({ kind: 'passed' });
    nothingLeft();
  });

  it('that takes more memory than it may fails, and is told how much that is', async (context) => {
    context.skip(jobs.sandbox.facts.limits === 'not_enforced', 'control groups can not be written here');
    const hog = 'node -e "const a=[];for(;;)a.push(Buffer.alloc(1e7,1))"';
    const { outcome } = await jobs.run({ steps: [aStep(hog)] }, { limits: { memoryMib: 120 } });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'out_of_memory', message: expect.stringContaining('may use 120 MiB') });
  });

  it('that starts more processes than it may fails, and is told how many those are', async (context) => {
    context.skip(jobs.sandbox.facts.limits === 'not_enforced', 'control groups can not be written here');
    const swarm = "exec sh -c 'n=0; while [ $n -lt 99 ]; do sleep 60 & n=$((n+1)); done; exit 3'"; // bash would try for 15 s
    const { outcome } = await jobs.run({ steps: [aStep(swarm)] }, { limits: { processes: 50 } });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'out_of_processes', message: expect.stringContaining('may run 50 at once') });
    nothingLeft();
  });

  it('that fills the disk with one file, with many or with one that has no name is stopped, and is told how much it may take', async () => {
    const limits = { diskMib: 64 };
    const one = await jobs.run({ steps: [aStep('exec head -c 100000000 /dev/zero > big')] }, { limits });
    expect(one.outcome).toMatchObject({ kind: 'failed', reason: 'out_of_disk', message: expect.stringContaining('64 MiB of disk') });
    const files = 'n=0; while :; do head -c 10000000 /dev/zero > $n; n=$((n+1)); [ $n -lt 50 ] || sleep 60; done';
    const many = await jobs.run({ steps: [aStep(files)] }, { limits });
    expect(many.outcome).toMatchObject({ kind: 'failed', reason: 'out_of_disk', message: expect.stringContaining('64 MiB of disk') });
    const unnamed = 'exec 3> file; rm file; head -c 100000000 /dev/zero >&3; exec sleep 60';
    const hidden = await jobs.run({ steps: [aStep(unnamed)] }, { limits });
    expect(hidden.outcome).toMatchObject({ kind: 'failed', reason: 'out_of_disk', message: expect.stringContaining('64 MiB of disk') });
    nothingLeft();
  });

  it('leaves nothing behind, however deep the folders are that it made', async () => {
    const deep = 'n=$(printf "%0200d" 0); for i in $(seq 40); do mkdir $n; cd -P $n; done';
    const { outcome } = await run({ steps: [aStep(deep)] });
    expect(outcome).toEqual({ kind: 'passed' });
    nothingLeft();
  });

  it('is over when its time is up, with all that it started', async () => {
    const { outcome } = await run({ timeoutMs: 300, steps: [aStep('sleep 60')] });
    expect(outcome).toEqual({ kind: 'timed_out' });
    nothingLeft();
  });

  it('is over when it is cancelled, and says what for', async () => {
    const stop = new AbortController();
    const running = run({ steps: [aStep('sleep 60')] }, stop);
    await vi.waitFor(() => expect(readdirSync(join(jobs.dir, 'slots', '0'))).toHaveLength(1));
    stop.abort({ kind: 'cancel', reason: 'superseded' } satisfies StopReason);
    expect((await running).outcome).toEqual({ kind: 'stopped', reason: 'superseded' });
  });

  it('may not run a step outside of its workspace', async () => {
    const { outcome } = await run({ steps: [aStep('ln -s / out'), aStep('ls', { workingDirectory: 'out' })] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'working_directory_missing' });
  });
});

describe('a checkout', () => {
  it('is the commit, whole, as a repository of its branch', async () => {
    const { outcome, text } = await run({
      checkout: checkout(),
      steps: [aStep('cat README.md src/app.js; git status --short; git rev-parse --abbrev-ref HEAD; git log --oneline | wc -l')],
    });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(text).toContain('helloappmain\n1');
  });

  it('asks the server for nothing that the agent has already', async () => {
    await run({ checkout: checkout() });
    const before = jobs.server.requests.length;
    const { text } = await run({ checkout: checkout() });
    expect(jobs.server.requests.length).toBe(before);
    expect(text).toContain('already on this agent');
  });

  it('has the branches and tags as they are when it begins: new, moved and deleted ones', async () => {
    const remote = (...args: string[]) => execFileSync('git', ['-C', join(jobs.dir, 'hosted/sample/hello.git'), ...args]);
    const shown = async (refs: string) => {
      const { text } = await run({
        checkout: { ...checkout(), refs },
        steps: [aStep('git show-ref | cut -d" " -f2; git describe --tags --always')],
      });
      return text.split('\n').filter((line) => /^(refs|v\d)/.test(line));
    };
    remote('tag', 'gone');
    remote('branch', 'a');
    const first = ['refs/heads/main', 'refs/remotes/origin/HEAD', 'refs/remotes/origin/a', 'refs/remotes/origin/main', 'refs/tags/gone'];
    expect(await shown('1')).toEqual(first);
    remote('tag', '-d', 'gone');
    remote('branch', '-D', 'a');
    remote('branch', 'a/b');
    remote('tag', 'v1');
    const before = jobs.server.requests.length;
    expect(await shown('1')).toEqual(first);
    expect(jobs.server.requests.length).toBe(before);
    expect(await shown('2')).toEqual([...first.slice(0, 2), 'refs/remotes/origin/a/b', 'refs/remotes/origin/main', 'refs/tags/v1', 'v1']);
  });

  it.each([
    ['hosted', null],
    ['external', 'https://host.test/team/hello.git'],
  ])('of a repository that is %s sees a tag where it was moved to', async (_kind, remoteUrl) => {
    const move = () => execFileSync('git', ['-C', join(jobs.dir, 'hosted/sample/hello.git'), 'tag', '--force', 'nightly', 'main']);
    const tagged = async (refs: string) => {
      const work = { ...checkout(), refs, remoteUrl };
      const { text } = await run({ checkout: work, steps: [aStep('git rev-parse nightly^{commit}')] });
      return text.endsWith(work.sha);
    };
    move();
    expect(await tagged('1')).toBe(true);
    jobs.commit({ 'README.md': 'hello again' });
    expect(await tagged('2')).toBe(false);
    move();
    expect(await tagged('3')).toBe(true);
  });

  it('names the address of its repository, by which submodules with a relative one are found', async () => {
    const steps = [aStep('git config remote.origin.url; git submodule init; git config submodule.lib.url')];
    jobs.commit({
      'README.md': 'hello',
      lib: `@${'1'.repeat(40)}`,
      '.gitmodules': '[submodule "lib"]\n\tpath = lib\n\turl = ../lib.git\n',
    });
    const hosted = await run({ checkout: checkout(), steps });
    expect(hosted.text).toContain(`${jobs.server.url}/git/sample/hello.git\n`);
    expect(hosted.text).toContain(`\n${jobs.server.url}/git/sample/lib.git`);
    const external = await run({ checkout: { ...checkout(), remoteUrl: 'ssh://git@host.test:22/team/hello.git' }, steps });
    expect(external.text).toContain('\nssh://git@host.test:22/team/lib.git');
  });

  it('says so when it holds pointers of Git LFS in the place of files', async () => {
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'1'.repeat(64)}\nsize 9\n`;
    jobs.commit({
      'a b.bin': pointer,
      'sub/b.bin': pointer,
      'c.bin': 'real',
      'd.txt': pointer,
      '.gitattributes': '*.bin filter=lfs diff=lfs -text\n',
    });
    const { text } = await run({ checkout: checkout() });
    expect(text).toContain('2 files are Git LFS pointers without the content');
    expect(text).toContain('git lfs pull');
  });

  it('finds a commit that its branch has left behind', async () => {
    const old = jobs.sha;
    addCommit(join(jobs.dir, 'hosted/sample'), 'hello', { new: 'new' });
    const { text } = await run({ checkout: { ...checkout(), sha: old }, steps: [aStep('ls')] });
    expect(text).toContain('README.md');
  });

  it('waits for a server that is away', async () => {
    jobs.server.failNext = 2;
    expect((await run({ checkout: checkout() })).outcome).toEqual({ kind: 'passed' });
  });

  it("is the agent's failure, not the job's, when it can't be had", async () => {
    const { outcome, text } = await run({ checkout: { ...checkout(), sha: '1'.repeat(40) } });
    expect(outcome).toMatchObject({ kind: 'error', reason: 'checkout_failed' });
    expect(text).toContain('could not be fetched');
  });

  it('makes its copy anew when that is broken', async () => {
    await run({ checkout: checkout() });
    for (const file of readdirSync(join(jobs.dir, 'mirrors', `${REPOSITORY}.git`, 'objects/pack')))
      rmSync(join(jobs.dir, 'mirrors', `${REPOSITORY}.git`, 'objects/pack', file));
    expect((await run({ checkout: checkout() })).outcome).toEqual({ kind: 'passed' });
  });

  it("gives a job no way into the agent's copy, nor a later job anything that it left", async () => {
    const hostile =
      'set +e; touch /slipway/mirror.git/x; git config core.fsmonitor "touch /tmp/owned"; printf "#!/bin/sh\\ntouch owned\\n" > .git/hooks/post-checkout; touch left';
    await run({ checkout: checkout(), steps: [aStep(hostile)] });
    const { text } = await run({ checkout: checkout(), steps: [aStep('ls; cat .git/config')] });
    expect(text).not.toMatch(/left|fsmonitor|owned/);
    expect(readdirSync(join(jobs.dir, 'mirrors', `${REPOSITORY}.git`))).not.toContain('x');
  });
});

describe('artifacts', () => {
  it('are stored as what the paths name, and unpacked for the jobs that need them', async () => {
    const made = await run({
      steps: [aStep('mkdir -p dist/sub; echo a > dist/a.js; echo b > dist/sub/b.js; ln -s sub/b.js dist/link; echo no > no.txt')],
      artifacts: [{ name: 'site', paths: ['dist'] }],
    });
    expect(made.outcome).toEqual({ kind: 'passed' });
    expect(made.text).toContain('Stored artifact "site"');
    const [stored] = jobs.server.stored;
    const needs = [{ name: 'site', digest: stored?.digest ?? '', size: stored?.bytes.length ?? 0 }];
    const { text, outcome } = await run({ needs, steps: [aStep('find . -type f | sort; cat dist/link; echo more >> dist/a.js')] });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(text).toContain('./dist/a.js\n./dist/sub/b.js\nb');
  });

  it.each([
    ['@scope/a.js', 'dist/@scope/a.js'],
    ['a:b', 'dist/a:b'],
    ['app/[slug]/(group)/page.js', 'dist/app/[slug]/(group)/page.js'],
    ['--checkpoint=1', 'dist/--checkpoint=1'],
  ])('hold a file that is called %s as what it is', async (name, path) => {
    await run({
      steps: [aStep(`mkdir -p "$(dirname "dist/${name}")"; echo text > "dist/${name}"`)],
      artifacts: [
        { name: 'all', paths: ['dist'] },
        { name: 'one', paths: [path] },
      ],
    });
    expect(jobs.server.stored).toHaveLength(2);
    for (const { digest, bytes } of jobs.server.stored) {
      const { text } = await run({ needs: [{ name: 'all', digest, size: bytes.length }], steps: [aStep(`cat "${path}"`)] });
      expect(text).toContain('text');
    }
  });

  it('hold nothing of an archive of the machine that a name points at', async () => {
    writeFileSync(join(jobs.dir, 'secret'), 'of the machine');
    execFileSync('tar', ['-cf', join(jobs.dir, 'secret.tar'), '-C', jobs.dir, 'secret']);
    // "@/tmp/agent-x/secret.tar" is a file in folders, whose name as a whole the library would open.
    await run({
      steps: [aStep(`mkdir -p '@${jobs.dir}'; touch '@${jobs.dir}/secret.tar'`)],
      artifacts: [{ name: 'a', paths: [`@${jobs.dir}/secret.tar`] }],
    });
    expect(namesIn(jobs.server.stored[0]?.bytes)).toEqual([`@${jobs.dir}/secret.tar`]);
  });

  it('are found in no time by a pattern that is made to take for ever', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `${'a'.repeat(40)}${n}`);
    const { outcome } = await run({
      timeoutMs: 10_000,
      steps: [aStep(`touch ${names.join(' ')}`)],
      artifacts: [{ name: 'a', paths: ['+(a|a*|*a*)+(a|*a)+(a|*a)b', `${'*a'.repeat(60)}b`, '(a+)+b'] }],
    });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'artifact_missing' });
  });

  it('that the steps did not make fail the job, by name', async () => {
    const { outcome } = await run({ steps: [aStep('mkdir dist')], artifacts: [{ name: 'site', paths: ['dist/*.html'] }] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'artifact_missing', message: expect.stringContaining('dist/*.html') });
  });

  it('hold no link that leaves, no pipe and nothing unreadable, and the log says so of each', async () => {
    const { outcome, text } = await run({
      steps: [
        aStep('mkdir -p dist/closed; touch dist/file; ln -s /etc/passwd dist/abs; ln -s ../../../etc/passwd dist/up; ln -s ./file dist/in'),
        aStep('mkfifo dist/pipe; touch dist/secret dist/closed/x; chmod 0 dist/secret dist/closed'),
      ],
      artifacts: [{ name: 'site', paths: ['dist'] }],
    });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(namesIn(jobs.server.stored[0]?.bytes)).toEqual(expect.arrayContaining(['dist/', 'dist/file', 'dist/in']));
    expect(namesIn(jobs.server.stored[0]?.bytes).join()).not.toMatch(/abs|up|pipe|secret|closed.x/);
    for (const why of [
      '"dist/abs" (a link to "/etc/passwd", outside',
      '"dist/up" (a link',
      '"dist/pipe" (neither',
      '"dist/secret" (the job may not read it',
    ])
      expect(text).toContain(why);
  });

  it('leave out what a pattern with "!" takes out', async () => {
    const { text } = await run({
      steps: [aStep('mkdir -p dist/maps dist/keep; touch dist/a.js dist/a.js.map dist/maps/b.map dist/keep/c.map')],
      artifacts: [{ name: 'site', paths: ['dist', '!dist/**/*.map', 'dist/keep/*', '!none'] }],
    });
    expect(namesIn(jobs.server.stored[0]?.bytes)).toEqual(['dist/', 'dist/a.js', 'dist/keep/', 'dist/keep/c.map', 'dist/maps/']);
    expect(text).toMatch(/"!none" excludes nothing.*no file[\s\S]*Excluded from artifact "site".*: 2 of/);
  });

  it.each([
    ['a\\nb', 'control characters'],
    ['a\\rb', 'control characters'],
  ])('refuse a name such as %j, and say which', async (name, why) => {
    const { outcome } = await run({ steps: [aStep(`mkdir d; touch "$(printf 'd/${name}.')"`)], artifacts: [{ name: 'a', paths: ['d'] }] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'artifact_invalid', message: expect.stringContaining(why) });
  });

  it('keep names that are no UTF-8, byte by byte', async () => {
    await run({ steps: [aStep(`mkdir d; echo text > "$(printf 'd/\\377\\351')"`)], artifacts: [{ name: 'a', paths: ['d'] }] });
    const { digest = '', bytes = Buffer.alloc(0) } = jobs.server.stored[0] ?? {};
    const { text } = await run({ needs: [{ name: 'a', digest, size: bytes.length }], steps: [aStep(`cat "$(printf 'd/\\377\\351')"`)] });
    expect(text).toContain('text');
  });

  it('are refused when what they unpack to is more than this agent allows', async () => {
    const bomb = anArchive([
      { path: 'zeros', text: '\0'.repeat(1_000) },
      { path: 'bomb', size: 30 * 1024 ** 3 },
    ]);
    const digest = createHash('sha256').update(bomb).digest('hex');
    jobs.server.blobs.set(digest, bomb);
    const { outcome } = await run({ needs: [{ name: 'a', digest, size: bomb.length }] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'artifact_invalid' });
    expect(JSON.stringify(outcome)).toMatch(/take 30.0 GiB, but only 20.0 GiB are allowed.*SLIPWAY_MAX_UNPACKED_MIB/);
  });

  it('are never read through a link out of the workspace', async () => {
    const { outcome } = await run({ steps: [aStep('ln -s /etc dist')], artifacts: [{ name: 'site', paths: ['dist/passwd'] }] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'artifact_missing' });
  });

  it('are fetched again when the server was away, and refused when they are something else', async () => {
    await run({ steps: [aStep('echo a > a')], artifacts: [{ name: 'a', paths: ['a'] }] });
    const { digest = '', bytes = Buffer.alloc(0) } = jobs.server.stored[0] ?? {};
    jobs.server.failNext = 1;
    expect((await run({ needs: [{ name: 'a', digest, size: bytes.length }], steps: [aStep('cat a')] })).outcome).toEqual({
      kind: 'passed',
    });
    const missing = await run({ needs: [{ name: 'a', digest: 'f'.repeat(64), size: 1 }] });
    expect(missing.outcome).toMatchObject({ kind: 'error', reason: 'artifact_unavailable' });
  });

  it('are refused when their files say to be larger than any artifact may be', async () => {
    const { outcome } = await run({ steps: [aStep('truncate -s 1T holes')], artifacts: [{ name: 'a', paths: ['holes'] }] });
    expect(outcome).toMatchObject({ kind: 'failed', reason: 'artifact_invalid', message: expect.stringContaining('"holes"') });
    expect(jobs.server.stored).toEqual([]);
  });

  it('are given up when the time is up while they are packed', async () => {
    const { outcome } = await run({
      timeoutMs: 1_000,
      steps: [aStep('truncate -s 19G holes')],
      artifacts: [{ name: 'a', paths: ['holes'] }],
    });
    expect(outcome).toEqual({ kind: 'timed_out' });
    expect(readdirSync(join(jobs.dir, 'archives'))).toEqual([]);
  });

  it('are the same bytes that the digest names', async () => {
    await run({ steps: [aStep('echo a > a')], artifacts: [{ name: 'a', paths: ['a'] }] });
    const { digest, bytes } = jobs.server.stored[0] ?? { digest: '', bytes: Buffer.alloc(0) };
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(digest);
    expect(namesIn(bytes)).toEqual(['a']);
  });
});

describe('test reports', () => {
  const xml =
    '<testsuite name="s"><testcase name="adds" time="0.012"/><testcase name="fails"><failure message="1 ≠ 2">at x</failure></testcase></testsuite>';

  it('are told of, also when the step failed', async () => {
    const { outcome, events } = await run({ steps: [aStep(`echo '${xml}' > junit.xml; exit 1`)], reports: { tests: ['*.xml'] } });
    expect(outcome.kind).toBe('failed');
    expect(events.at(-1)).toMatchObject({
      kind: 'tests',
      cases: [
        { name: 'fails', state: 'failed', message: '1 ≠ 2' },
        { name: 'adds', state: 'passed', durationMs: 12 },
      ],
    });
  });

  it('that were written before the time was up are told of', async () => {
    const { outcome, events } = await run({
      timeoutMs: 1_500,
      steps: [aStep(`echo '${xml}' > junit.xml; sleep 60`)],
      reports: { tests: ['*.xml'] },
    });
    expect(outcome).toEqual({ kind: 'timed_out' });
    expect(events.at(-1)).toMatchObject({ kind: 'tests' });
  });

  it('count once, however many patterns and links lead there, and are not looked for among packages', async () => {
    const { events, text } = await run({
      steps: [
        aStep(
          `mkdir -p out/node_modules/x; echo '${xml}' > out/a.xml; cp out/a.xml out/node_modules/x; ln -s a.xml out/b.xml; ln -s /etc/passwd out/c.xml`,
        ),
      ],
      reports: { tests: ['**/*.xml', 'out/a.xml', 'out'] },
    });
    expect(events.filter(({ kind }) => kind === 'tests')).toMatchObject([{ cases: [{ name: 'fails' }, { name: 'adds' }] }]);
    expect(text).toMatch(/"out\/c.xml".*link to "\/etc\/passwd", outside the workspace/);
  });

  it('are looked for among packages by a pattern that says so', async () => {
    const { events } = await run({
      steps: [aStep(`mkdir -p node_modules/x; echo '${xml}' > node_modules/x/a.xml`)],
      reports: { tests: ['node_modules/*/a.xml'] },
    });
    expect(events.at(-1)).toMatchObject({ kind: 'tests' });
  });

  it("that can't be read are said in the log, and harm nothing", async () => {
    const { outcome, text } = await run({
      steps: [aStep('echo "<testsuite><broken" > junit.xml')],
      reports: { tests: ['junit.xml', 'none.xml'] },
    });
    expect(outcome).toEqual({ kind: 'passed' });
    expect(text).toMatch(/No test report matches "none.xml"[\s\S]*"junit.xml" can't be read/);
  });
});
