import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { aStep } from '../testing/builders.js';
import { JobRunner, type Ran, REPOSITORY } from '../testing/job-runner.js';
import { KeptCheckouts } from './kept-checkouts.js';

let jobs: JobRunner;

beforeAll(async () => {
  jobs = await JobRunner.open();
});
afterAll(() => jobs.close());
beforeEach(() => jobs.reset());
afterEach(() => jobs.clear());

/** Where an earlier job could hide something that Git, or a tool, would act on later. Each leaves the others room. */
const HIDING_PLACES: [where: string, script: string][] = [
  [
    'a repository in a tracked folder',
    'git init -q src; git -C src config core.fsmonitor "touch /tmp/owned"; git -C src config alias.status "!touch /tmp/owned"',
  ],
  [
    'hooks of one',
    'mkdir -p src/deep/.git/hooks; printf "#!/bin/sh\ntouch /tmp/owned\n" > src/deep/.git/hooks/post-checkout; chmod +x src/deep/.git/hooks/*',
  ],
  ['a file that leads to one', 'echo "gitdir: /workspace/evil" > src/deep/er/.git; git init -q --bare evil'],
  ['attributes that nobody tracks', 'echo "* text eol=crlf" > src/.gitattributes; echo "* ident" > src/deep/.gitattributes'],
  ['attributes that are tracked', 'echo "* text eol=crlf" > .gitattributes'],
  ['what is ignored', 'printf "*\n" > src/.gitignore; echo x > src/ignored.js; mkdir -p node_modules/.bin; echo x > node_modules/.bin/npm'],
  [
    'names that differ in case',
    'echo x > readme.md; mkdir SRC; echo x > SRC/app.js; mkdir .GIT; echo x > .GIT/config; mkdir src/.Git; echo x > src/.Git/config',
  ],
  ['modes of folders', 'chmod 2777 src src/deep; chmod g+s .; chmod 1777 src/deep/er'],
  ['modes of files', 'chmod 4755 src/app.js'],
  ['links in the place of folders', 'rm -rf links; ln -s src links; ln -s / root'],
  ['links to a tracked file', 'ln src/deep/kept.js hard.js'],
  ['pipes and sockets', 'mkfifo src/pipe'],
  ['empty folders', 'mkdir -p empty/one/two src/empty'],
  [
    'flags of the index',
    'git update-index --assume-unchanged src/app.js README.md; git update-index --skip-worktree README.md; echo hidden >> README.md',
  ],
  ['a sparse checkout', 'git sparse-checkout set --no-cone /README.md; git config core.sparseCheckout true'],
  [
    'what the repository keeps for itself',
    'mkdir -p .git/info; echo "* text eol=crlf" > .git/info/attributes; echo "*" > .git/info/exclude; echo /x > .git/objects/info/alternates',
  ],
  ['times of folders', "touch -d '2001-01-01' . src src/deep links"],
  [
    'settings from elsewhere',
    'git config extensions.worktreeConfig true; git config --worktree core.fsmonitor "touch /tmp/owned"; git config -f evil.inc core.fsmonitor "touch /tmp/owned"; git config include.path /workspace/evil.inc; git config core.hooksPath /workspace/src',
  ],
  [
    'modules that nobody tracks',
    'git config -f .gitmodules submodule.x.path src; git config -f .gitmodules submodule.x.update "!touch /tmp/owned"',
  ],
  ['locks', 'touch .git/index.lock .git/HEAD.lock src/.lock'],
];

/** The access list that new files in a folder get besides their modes. Neither Node.js nor every machine has a tool for it. */
function setAccessList(folder: string): void {
  const entries = '(1,7,-1),(2,7,65534),(4,5,-1),(16,7,-1),(32,5,-1)';
  const list = `struct.pack('<I',2)+b''.join(struct.pack('<HHi',*e) for e in (${entries}))`;
  execFileSync('python3', ['-c', `import os,struct,sys; os.setxattr(sys.argv[1],'system.posix_acl_default',${list})`, folder], {
    stdio: 'ignore',
  });
}

function canSetAccessList(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'access-list-'));
  try {
    setAccessList(folder);
    return true;
  } catch {
    return false;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const REUSED = 'from an earlier checkout';
/** Everything in the workspace but Git's own, with type, mode, size and content. */
const LISTING = `find . -path ./.git -prune -o -printf '%P %y %m %l ' -type f -exec sha1sum {} \\; -o -printf '\\n' | sort`;

const run = (script: string, { trustClass = 'pushed', slot = 0 }: { trustClass?: string | null; slot?: number } = {}): Promise<Ran> =>
  jobs.run({ checkout: jobs.checkout(trustClass), steps: [aStep(script)] }, { slot });
const listing = (ran: Ran): string =>
  ran.text
    .split('\n')
    .filter((line) => !line.includes('Checked out'))
    .join('\n');

describe('the checkout that a job leaves', () => {
  it('is taken by the next one, with what is new written and what is gone removed', async () => {
    await run('true');
    jobs.commit({ 'README.md': 'hello again', 'new.txt': 'new', '.gitattributes': 'src export-ignore\n' });
    const again = await run(LISTING);
    expect(again.text).toContain(REUSED);
    expect(again.outcome).toEqual({ kind: 'passed' });
    expect(listing(again)).toBe(listing(await run(LISTING, { trustClass: null })));
    expect((await run('git status --porcelain --ignored; git log --oneline | wc -l; cat new.txt')).text).toMatch(/\n2\nnew/);
  });

  it.each([
    [
      'changes files, and gives them their old times back',
      'touch -r README.md /tmp/t; echo xxxxx > README.md; printf hellx > README.md; touch -r /tmp/t README.md',
    ],
    ['changes only the mode of a file', 'chmod 4777 README.md; chmod 000 src/app.js'],
    ['closes its folders', 'chmod 000 src; chmod 500 .'],
    ['removes and adds files and folders', 'rm -rf src; mkdir README.mdx .cache; echo x > .cache/x; mkdir -p a/b/c'],
    [
      'puts folders where files were, and files where folders were',
      'rm README.md; mkdir README.md; echo x > README.md/x; rm -rf src; echo x > src',
    ],
    ['puts links in their place', 'rm -rf src; ln -s /etc src; rm README.md; ln -s /etc/passwd README.md'],
    ['leaves ignored files', 'echo "*" > .gitignore; echo poison > node_modules; mkdir -p .git/info; echo "*" > .git/info/exclude'],
    ['leaves a repository in the repository', 'git init -q nested; cd nested; git config core.fsmonitor "touch /tmp/owned"; echo x > x'],
    [
      'leaves settings, hooks and an index of its own',
      `git config core.fsmonitor "touch $PWD/owned"; git config filter.x.smudge "touch $PWD/owned"; echo "* filter=x" > .git/info/attributes;
       printf '#!/bin/sh\\ntouch owned\\n' > .git/hooks/post-checkout || true; echo changed > README.md; git update-index --assume-unchanged README.md; git update-index --skip-worktree src/app.js; echo changed > src/app.js`,
    ],
    ['leaves no repository', 'rm -rf .git'],
    ['puts a link in the place of its repository', 'rm -rf .git; ln -s /etc .git'],
    ['leaves names that read like options', 'touch -- --force -rf "a\nb"; mkdir -- --hard'],
  ])('is as new for the next one when it %s', async (_what, script) => {
    const fresh = await run(LISTING, { trustClass: null });
    await run(`set +e; ${script}; exit 0`);
    const next = await run(LISTING);
    expect(next.outcome).toEqual({ kind: 'passed' });
    expect(listing(next)).toBe(listing(fresh));
    const after = await run('cat .git/config; ls .git; ls /tmp');
    expect(after.text).not.toMatch(/owned|fsmonitor|filter/);
  });

  it('is as new for the next one wherever it hid something, all of it at once, and what is written then is written by the commit alone', async () => {
    const files = {
      'README.md': 'hello\n',
      'src/deep/er/x.js': 'x\n',
      'src/deep/kept.js': 'kept\n',
      'links/a.js': 'a\n',
      '.gitattributes': '*.md -text\n',
    };
    jobs.commit({ ...files, 'src/app.js': 'one\n' });
    const left = await run(`set +e; ${HIDING_PLACES.map(([, script]) => script).join('\n')}\nexit 0`);
    expect(left.text).not.toMatch(/: error|fatal:|cannot|No such/);
    jobs.commit({ ...files, 'src/app.js': 'two\n', 'src/new.js': 'new\n' });
    const look = `${LISTING}; find . -path ./.git -prune -o -iname .git -print; for d in . src src/deep; do git -C $d status --short --ignored; git -C $d rev-parse --show-toplevel; done
      git ls-files -v | grep -v ^H; git config --list --local; ls -a .git .git/info .git/hooks 2>&1; find . -maxdepth 0 -printf '%m\n'; ls /tmp
      find . -path ./.git -prune -o ! -newermt 2010-01-01 -print`;
    const next = await run(look);
    expect(next.text).toContain(REUSED);
    expect(listing(next)).toBe(listing(await run(look, { trustClass: null })));
  });

  it.skipIf(!canSetAccessList())('is not taken where folders carry access lists, which modes do not show', async () => {
    await run('true');
    const kept = readdirSync(join(jobs.dir, 'checkouts/0'))[0] ?? '';
    setAccessList(join(jobs.dir, 'checkouts/0', kept, 'work/src'));
    expect((await run('true')).text).not.toContain(REUSED);
    expect((await run('true')).text).toContain(REUSED);
  });

  it('is not taken by a commit with other attributes, as Git would write only what has other content', async () => {
    jobs.commit({ 'a.txt': 'a\n', '.gitattributes': '' });
    await run('true');
    jobs.commit({ 'a.txt': 'a\n', '.gitattributes': '*.txt text eol=crlf\n' });
    const next = await run('od -c a.txt');
    expect(next.text).toContain('\\r');
    expect(next.text).not.toContain(REUSED);
  });

  it('is as new for the next one when it leaves something in the folders of submodules, of the commit before or of the next', async () => {
    const submodule = `@${'1'.repeat(40)}`;
    jobs.commit({ 'README.md': 'hello', 'old sub': submodule });
    const hostile = (folder: string) =>
      `mkdir -p "${folder}"; cp -r .git "${folder}/.git"; echo ${'1'.repeat(40)} > "${folder}/.git/HEAD"; echo x > "${folder}/x"; git config -f "${folder}/.git/config" core.fsmonitor "touch /tmp/owned"`;
    await run(`${hostile('old sub')}; ${hostile('new sub')}`);
    jobs.commit({ 'README.md': 'hello', 'old sub': submodule, 'new sub': submodule });
    const next = await run(`${LISTING}; ls /tmp`);
    expect(next.text).toContain(REUSED);
    expect(listing(next)).toBe(listing(await run(`${LISTING}; ls /tmp`, { trustClass: null })));
    await run('echo x > "old sub/x"');
    expect((await run('ls -A "old sub"; echo empty')).text).toMatch(/earlier checkout[^\n]*\n[^\n]*bash -eo pipefail[^\n]*\nempty/);
  });

  it('is made anew when Git can not mend it', async () => {
    await run('true');
    const index = readdirSync(join(jobs.dir, 'checkouts/0')).map((name) => join(jobs.dir, 'checkouts/0', name, 'index'))[0] ?? '';
    const { writeFileSync } = await import('node:fs');
    writeFileSync(index, 'no index');
    const next = await run(LISTING);
    expect(next.outcome).toEqual({ kind: 'passed' });
    expect(next.text).not.toContain(REUSED);
    expect((await run(LISTING)).text).toContain(REUSED);
  });

  it.each<[string, { trustClass: string | null; slot?: number }]>([
    ['of another class', { trustClass: 'protected' }],
    ['of none, as those of pull requests are', { trustClass: null }],
    ['in another slot, so of another user', { trustClass: 'pushed', slot: 1 }],
  ])('is not for a job %s', async (_what, other) => {
    await run('echo poison > left');
    const { text } = await run('ls -A', other);
    expect(text).not.toContain(REUSED);
    expect(text).not.toContain('left');
  });

  it('is not left by a job without a class', async () => {
    await run('true', { trustClass: null });
    expect(existsSync(join(jobs.dir, 'checkouts'))).toBe(false);
  });

  it('is out of reach of jobs, and kept only so many times', async () => {
    for (const trustClass of ['a', 'b', 'c']) await run('true', { trustClass });
    expect(readdirSync(join(jobs.dir, 'checkouts/0'))).toHaveLength(2);
    expect((await run(`ls ${jobs.dir}/checkouts || echo closed`, { trustClass: 'c' })).text).toContain('closed');
    const checkouts = new KeptCheckouts(join(jobs.dir, 'checkouts'), 2);
    expect(await checkouts.slotsWith({ ...jobs.checkout('c'), repositoryId: REPOSITORY })).toEqual([0]);
    expect(await checkouts.slotsWith(jobs.checkout('a'))).toEqual([]);
  });

  it('is not there any more when its job was killed with the agent, and the next one begins anew', async () => {
    await run('true');
    const kept = readdirSync(join(jobs.dir, 'checkouts/0'))[0] ?? '';
    const { renameSync } = await import('node:fs');
    renameSync(join(jobs.dir, 'checkouts/0', kept, 'work'), join(jobs.dir, 'gone'));
    const next = await run('true');
    expect(next.outcome).toEqual({ kind: 'passed' });
    expect(next.text).not.toContain(REUSED);
  });
});
