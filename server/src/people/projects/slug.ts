import { shorten } from '@slipway/protocol';
import { DomainError } from '../../platform/errors.js';

const SLUG = /^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$/;
const LOOKS_LIKE_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Words that would collide with addresses of the page or with routes. */
const RESERVED = new Set([
  'new',
  'api',
  'git',
  'graphql',
  'assets',
  'settings',
  'account',
  'agents',
  'activity',
  'environments',
  'insights',
  'sign-in',
  'projects',
]);

/**
 * Names of projects and repositories stand in addresses: 1 to 64 lower-case letters, digits and hyphens, beginning and ending with a letter or digit.
 * None looks like an id, so that either may stand where a thing is named.
 */
export function checkSlug(thing: 'project' | 'repository', name: string): void {
  const problem = problemOf(name);
  if (problem === null) return;
  const proposal = proposalFor(name);
  const remedy = proposal ? `Try "${proposal}".` : 'Choose another name.';
  throw new DomainError('bad_input', `bad_${thing}_name`, `"${shorten(name, 80)}" can't be the name of a ${thing}: ${problem}. ${remedy}`);
}

function problemOf(name: string): string | null {
  if (name.length < 1 || name.length > 64) return 'a name has 1 to 64 characters';
  if (!SLUG.test(name)) return 'a name consists of lower-case letters, digits and hyphens, and begins and ends with a letter or digit';
  if (LOOKS_LIKE_ID.test(name)) return 'it looks like an id';
  return RESERVED.has(name) ? 'Slipway needs that word itself' : null;
}

function proposalFor(name: string): string | null {
  const slug = shorten(
    name
      .normalize('NFKD')
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, '-'),
    64,
  ).replace(/^-+|-+$/g, '');
  return slug !== '' && problemOf(slug) === null ? slug : null;
}
