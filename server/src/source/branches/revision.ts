import { DomainError } from '../../platform/errors.js';
import { runGit } from '../../platform/git.js';
import { mayBePushed } from './branch-name.js';

const WHOLE_SHA = /^([0-9a-f]{40}|[0-9a-f]{64})$/;
const SHORT_SHA = /^[0-9a-f]{7,63}$/;
const FULL_REF = /^refs\/(heads|tags)\/(.+)$/s;

/**
 * The commits that names stand for, each a branch, a tag (in this order), `refs/heads/…`, `refs/tags/…` or the name of a commit,
 * whole or its first 7 and more characters. Nothing else that Git knows to read: no `~`, `^`, `@{…}` or `:/…`.
 * @returns null for each that there is not
 */
export async function resolveRevisions(gitDir: string, names: readonly string[]): Promise<(string | null)[]> {
  const asked = names.map(candidates);
  const input = asked.flat().map((candidate) => `${candidate}^{commit}\n`);
  if (input.length === 0) return names.map(() => null);
  const answers = (await runGit(['cat-file', '--batch-check=%(objectname) %(objecttype)'], { gitDir, input: input.join('') })).split('\n');
  return asked.map((each) => {
    const found = answers.splice(0, each.length).find((answer) => answer.endsWith(' commit'));
    return found?.split(' ')[0] ?? null;
  });
}

/** @throws DomainError */
export async function mustResolve<const T extends readonly string[]>(gitDir: string, names: T): Promise<{ [K in keyof T]: string }> {
  const found = await resolveRevisions(gitDir, names);
  const missing = found.indexOf(null);
  if (missing === -1) return found as { [K in keyof T]: string };
  throw new DomainError(
    'not_found',
    'revision_not_found',
    `This repository has no branch, tag or commit "${names[missing]}". It may have been deleted since; check the name.`,
  );
}

function candidates(name: string): string[] {
  if (WHOLE_SHA.test(name)) return [name];
  const full = FULL_REF.exec(name);
  if (full) return mayBePushed(full[2] ?? '') ? [name] : [];
  const refs = mayBePushed(name) ? [`refs/heads/${name}`, `refs/tags/${name}`] : [];
  return SHORT_SHA.test(name) ? [...refs, name] : refs;
}
