import { OLD_SHA, SHA } from '../../testing/shas.js';

type Over = Record<string, unknown>;

const cloudRepository = (name: string) => ({
  type: 'repository',
  full_name: name,
  links: { html: { href: `https://bitbucket.org/${name}` }, self: { href: `https://api.bitbucket.org/2.0/repositories/${name}` } },
});
export const aCloudRef = (name: string, type = 'branch') => ({ type, name, target: { type: 'commit', hash: SHA } });

export const aCloudPush = (...changes: { old: unknown; new: unknown }[]) => ({
  actor: { nickname: 'ada' },
  repository: cloudRepository('acme/site'),
  push: { changes: changes.map((change) => ({ forced: false, truncated: false, ...change })) },
});

export const aCloudPullRequest = (over: Over = {}, source = 'acme/site') => ({
  actor: { nickname: 'ada' },
  repository: cloudRepository('acme/site'),
  pullrequest: {
    type: 'pullrequest',
    id: 7,
    title: 'Add a licence',
    state: 'OPEN',
    author: { nickname: 'ada', display_name: 'Ada L.' },
    source: { branch: { name: 'topic' }, commit: { hash: SHA.slice(0, 12) }, repository: cloudRepository(source) },
    destination: { branch: { name: 'main' }, commit: { hash: OLD_SHA.slice(0, 12) }, repository: cloudRepository('acme/site') },
    updated_on: '2026-01-31T12:00:00.000000+00:00',
    links: { html: { href: 'https://bitbucket.org/acme/site/pull-requests/7' } },
    ...over,
  },
});
