import { randomUUID } from 'node:crypto';
import { GraphQLError } from 'graphql';
import type { FakeInstallation } from './fake-data.ts';
import { ago, connection, sha, type Thing } from './fake-things.ts';

const fault = (code: string, message: string) => new GraphQLError(message, { extensions: { code, kind: 'conflict' } });

const FILES: Thing[] = [
  { path: 'src/checkout/summary.ts', oldPath: null, status: 'MODIFIED', additions: 14, deletions: 3, isBinary: false },
  { path: 'src/greeting.ts', oldPath: 'src/hello.ts', status: 'RENAMED', additions: 1, deletions: 1, isBinary: false },
  { path: 'assets/logo.png', oldPath: null, status: 'ADDED', additions: null, deletions: null, isBinary: true },
  { path: 'docs/old/notes.md', oldPath: null, status: 'DELETED', additions: 0, deletions: 57, isBinary: false },
  ...Array.from({ length: 70 }, (_, index) => ({
    path: `src/generated/a/rather/deep/folder/with/many/files/module-${String(index).padStart(3, '0')}.ts`,
    oldPath: null,
    status: index % 5 ? 'MODIFIED' : 'ADDED',
    additions: index * 3,
    deletions: index % 4,
    isBinary: false,
  })),
];

const PATCH = `@@ -1,7 +1,9 @@ export function summary(cart: Cart) {
 import { total } from './total.ts';
 
-export function summary(cart: Cart): string {
-  return 'Total: ' + total(cart);
+/** What the customer is going to pay, with the tax of the country that they are in, which is named so that nobody wonders about it later. */
+export function summary(cart: Cart, country: Country): string {
+  const tax = taxOf(country);
+  return \`Total: \${total(cart) * (1 + tax.rate)}, with \${tax.rate * 100} % tax of \${country.name}\`;
 }
 
 export const EMPTY = 'Your cart is empty';
@@ -40,3 +42,3 @@ export const EMPTY
-const a = 1;
+const a = 2;
\\ No newline at end of file
`;

/** What the page asks of and does to branches, rules and pull requests; `changed` tells whoever listens. */
export class FakeGit {
  private readonly data: FakeInstallation;
  private readonly changed: () => void;

  constructor(data: FakeInstallation, changed: () => void) {
    this.data = data;
    this.changed = changed;
  }

  private repository(id: string): Thing {
    const found = this.data.projects.flatMap((project) => project.repositories).find((each: Thing) => each.id === id);
    if (!found) throw fault('repository_not_found', 'There is no such repository.');
    return found;
  }

  private branch(repository: Thing, name: string): Thing {
    const found = repository.allBranches.find((each: Thing) => each.name === name);
    if (!found) throw fault('branch_not_found', `There is no branch "${name}". Check the name.`);
    return found;
  }

  private ruled(id: string): { repository: Thing; at: number } {
    for (const repository of this.data.projects.flatMap((project) => project.repositories)) {
      const at = repository.branchRules.findIndex((each: Thing) => each.id === id);
      if (at >= 0) return { repository, at };
    }
    throw fault('branch_rule_not_found', 'There is no such rule any more.');
  }

  readonly query: Thing = {
    branchRules: ({ repositoryId }: Thing) => this.repository(repositoryId).branchRules,
    compare: ({ repositoryId, base, head }: Thing) => this.compare(this.repository(repositoryId), base, head),
    filePatch: ({ path }: Thing) =>
      path.endsWith('.png')
        ? { text: '', isBinary: true, truncated: false }
        : { text: path === 'src/greeting.ts' ? '' : PATCH, isBinary: false, truncated: path.endsWith('module-001.ts') },
    mergePreview: ({ repositoryId, source, target }: Thing) => this.preview(this.repository(repositoryId), source, target),
  };

  readonly mutation: Thing = {
    createBranch: ({ repositoryId, name, from }: Thing) => {
      const repository = this.repository(repositoryId);
      if (/\s|\.\./.test(name))
        throw fault(
          'branch_name',
          `"${name}" can't be the name of a branch: Git allows no spaces and no "..". Try "${name.trim().replace(/\s+|\.\./g, '-')}".`,
        );
      if (repository.allBranches.some((each: Thing) => each.name === name))
        throw fault('branch_exists', `There is already a branch "${name}". Choose another name.`);
      const at = repository.allBranches.find((each: Thing) => each.name === (from ?? repository.defaultBranch));
      const branch = {
        ...at,
        id: randomUUID(),
        name,
        isDefault: false,
        ahead: 0,
        behind: 0,
        updatedAt: ago(0),
        lastRun: null,
        protectedBy: null,
      };
      repository.allBranches.unshift(branch);
      this.changed();
      return branch;
    },
    deleteBranch: ({ repositoryId, name, evenWithPullRequests }: Thing) => {
      const repository = this.repository(repositoryId);
      const branch = this.branch(repository, name);
      if (branch.protectedBy && !branch.protectedBy.allowDelete)
        throw fault('branch_protected', `The rule "${branch.protectedBy.pattern}" forbids to delete ${name}. Change the rule first.`);
      const open = repository.allPullRequests.filter((each: Thing) => each.state === 'OPEN' && !each.isFork && each.sourceBranch === name);
      if (open.length > 0 && !evenWithPullRequests) throw fault('branch_has_pull_requests', `Open pull requests come from ${name}.`);
      repository.allBranches.splice(repository.allBranches.indexOf(branch), 1);
      this.changed();
      return true;
    },
    setDefaultBranch: ({ repositoryId, name }: Thing) => {
      const repository = this.repository(repositoryId);
      this.branch(repository, name);
      for (const each of repository.allBranches) each.isDefault = each.name === name;
      repository.defaultBranch = name;
      this.changed();
      return repository;
    },
    mergeBranch: ({ repositoryId, source, target }: Thing) => {
      const { conflicts } = this.preview(this.repository(repositoryId), source, target);
      return conflicts.length > 0 ? { outcome: 'CONFLICTS', sha: null, conflicts } : { outcome: 'MERGED', sha: sha(77), conflicts: [] };
    },
    createBranchRule: ({ repositoryId, rule }: Thing) => {
      const repository = this.repository(repositoryId);
      if (repository.branchRules.some((each: Thing) => each.pattern === rule.pattern))
        throw fault('branch_rule_exists', `There is already a rule for "${rule.pattern}". Change that one.`);
      const made = { ...rule, id: randomUUID() };
      repository.branchRules = [...repository.branchRules, made];
      return made;
    },
    updateBranchRule: ({ id, rule }: Thing) => {
      const { repository, at } = this.ruled(id);
      return Object.assign(repository.branchRules[at], { pushRole: null, environments: null }, rule);
    },
    deleteBranchRule: ({ id }: Thing) => {
      const { repository, at } = this.ruled(id);
      return repository.branchRules.splice(at, 1).length === 1;
    },
    approvePullRequest: ({ id, headSha }: Thing) => {
      const pullRequest = this.data.projects
        .flatMap((project) => project.repositories.flatMap((each: Thing) => each.allPullRequests))
        .find((each: Thing) => each.id === id);
      if (pullRequest?.headSha !== headSha)
        throw fault('pull_request_moved', 'There is a newer commit by now. Look at it, then approve that one.');
      this.changed();
      return Object.assign(pullRequest, { needsApproval: false, approvedAt: ago(0), approvedBy: this.data.viewer, noRunReason: null });
    },
  };

  private compare(repository: Thing, base: string, head: string): Thing {
    for (const name of [base, head])
      if (name === 'nowhere') throw fault('revision_not_found', `There is no branch, tag or commit "${name}" here. Check the name.`);
    const same = base === head;
    const commits = same ? [] : repository.allCommits.slice(0, 34);
    return {
      ahead: commits.length,
      behind: same ? 0 : 3,
      baseSha: /^[0-9a-f]{40}$/.test(base) ? base : sha(base.length),
      headSha: /^[0-9a-f]{40}$/.test(head) ? head : sha(head.length + 40),
      mergeBaseSha: sha(90),
      commits: (page: Thing) => connection(commits, page),
      files: ({ first, skip }: Thing) => ({
        files: same ? [] : FILES.slice(skip, skip + first),
        total: same ? 0 : FILES.length,
        truncated: false,
      }),
    };
  }

  private preview(repository: Thing, source: string, target: string): Thing {
    const rule = repository.allBranches.find((each: Thing) => each.name === target)?.protectedBy ?? null;
    const conflicted = source.includes('login');
    return {
      allowed: true,
      canFastForward: !conflicted && target.length % 2 === 0,
      isUnrelated: false,
      isUpToDate: source === target,
      sourceSha: sha(source.length),
      targetSha: sha(target.length),
      rule,
      missingChecks:
        rule && source.startsWith('fix')
          ? [
              { job: 'unit', state: 'failed' },
              { job: 'build', state: null },
            ]
          : [],
      conflicts: conflicted
        ? [
            { path: 'src/login.ts', kind: 'CONTENT', message: 'Both changed the same lines.' },
            { path: 'src/session.ts', kind: 'MODIFY_DELETE', message: 'main deleted it, the source changed it.' },
          ]
        : [],
    };
  }
}
