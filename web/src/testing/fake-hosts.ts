import { randomUUID } from 'node:crypto';
import { ago, type FakeInstallation, sha, type Thing } from './fake-data.ts';

const PINNED = 'ED25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU';
const OFFERED = 'SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM';
const PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxvbmdlbm91Z2h0b3Njcm9sbHNpZGV3YXlzaW5hZmllbGQ slipway';

/** How a fresh mirror stands. */
export function aConnection(over: Thing = {}): Thing {
  return {
    state: 'FRESH',
    fetchedAt: ago(3),
    failingSince: null,
    error: null,
    nextFetchAt: ago(-2),
    leftOut: null,
    pollEverySeconds: 300,
    apiUrl: 'https://api.github.com',
    credentialKind: 'TOKEN',
    username: 'x-access-token',
    publicKey: null,
    hostKeyFingerprints: [],
    offeredHostKey: null,
    lastDeliveryAt: null,
    webhookPath: `/webhooks/${randomUUID()}`,
    webhookSecret: 'q3HcN0sVtE8mKx2RzYb7WdLa5PfGu1JoC9iTh4vBnMs',
    ...over,
  };
}

export function anExternal(data: FakeInstallation, project: Thing, name: string, over: Thing, connection: Thing = {}): Thing {
  const repository = data.repository(project, name);
  return Object.assign(repository, {
    kind: 'EXTERNAL',
    url: `https://github.com/acme/${name}.git`,
    host: 'GITHUB',
    allDeliveries: [],
    ...over,
    connection: aConnection(connection),
  });
}

export function aDelivery(repository: Thing, event: string, state: string, minutesAgo: number, over: Thing = {}): Thing {
  const delivery: Thing = {
    id: randomUUID(),
    event,
    host: repository.host,
    state,
    answer: 'Branch main was pushed: a fetch was requested.',
    receivedAt: ago(minutesAgo),
    handledAt: state === 'RECEIVED' ? null : ago(minutesAgo - 0.01),
    times: 1,
    deliveryKey: randomUUID(),
    headers: {
      'content-type': 'application/json',
      'user-agent': 'GitHub-Hookshot/1a2b3c4',
      'x-github-event': event,
      'x-github-hook-installation-target-type': 'repository',
    },
    payload: { text: PUSH_PAYLOAD, bytes: PUSH_PAYLOAD.length, truncated: false },
    ...over,
  };
  repository.allDeliveries.unshift(delivery);
  return delivery;
}

const PUSH_PAYLOAD = JSON.stringify(
  {
    ref: 'refs/heads/main',
    before: sha(8),
    after: sha(9),
    repository: { full_name: 'acme/site', private: true, default_branch: 'main' },
    pusher: { name: 'grace', email: 'grace@example.com' },
    commits: [{ id: sha(9), message: 'Greet people by their name', author: { name: 'Grace Hopper' }, modified: ['src/greeting.ts'] }],
  },
  null,
  2,
);

/** A project whose repositories live at every kind of host, and stand as well and as badly as they can. */
export function fillWithHosts(data: FakeInstallation): void {
  const project = data.project('mirrors');
  const site = anExternal(data, project, 'site', { defaultBranch: 'main' }, { lastDeliveryAt: ago(0.4) });
  for (let number = 30; number > 0; number--) aDelivery(site, 'push', 'HANDLED', number * 37);
  aDelivery(site, 'star', 'IGNORED', 9, { answer: 'Slipway does not need "star" events. The host need not send them.' });
  aDelivery(site, 'pull_request', 'FAILED', 5, {
    answer: 'The payload is not as GitHub documents it: "number" is missing. If it keeps coming, the host may be of a newer version.',
    payload: { text: PUSH_PAYLOAD.repeat(40), bytes: 1_480_221, truncated: true },
  });
  aDelivery(site, 'push', 'HANDLED', 3, { times: 3 });
  aDelivery(site, 'push', 'RECEIVED', 0.02, { answer: null });
  data.branch(site, 'main', 9, () => null);
  anExternal(
    data,
    project,
    'billing-service-with-a-rather-long-name',
    { url: 'https://git.acme.example/payments/billing-service-with-a-rather-long-name.git', host: 'GITEA', defaultBranch: 'main' },
    {
      state: 'STALE',
      fetchedAt: ago(13),
      failingSince: ago(12),
      nextFetchAt: ago(-3),
      apiUrl: 'https://git.acme.example/api/v1',
      error: {
        code: 'unreachable',
        message:
          "git.acme.example can't be reached, or the connection broke. Slipway tries again by itself. Check the address, and that the host is up.",
      },
    },
  );
  anExternal(
    data,
    project,
    'firmware',
    { url: 'git@bitbucket.org:acme/firmware.git', host: 'BITBUCKET', defaultBranch: 'main' },
    {
      state: 'STALE',
      fetchedAt: ago(2000),
      failingSince: ago(190),
      credentialKind: 'SSH_KEY',
      username: null,
      publicKey: PUBLIC_KEY,
      apiUrl: 'https://api.bitbucket.org/2.0',
      hostKeyFingerprints: [PINNED],
      offeredHostKey: OFFERED,
      error: {
        code: 'host_key_changed',
        message: `The host key of bitbucket.org is not the one that was pinned: it shows ${OFFERED} now. Somebody may be intercepting the connection.`,
      },
    },
  );
  anExternal(
    data,
    project,
    'docs',
    { url: 'git@gitlab.com:acme/docs.git', host: 'GITLAB' },
    {
      state: 'STALE',
      fetchedAt: null,
      failingSince: ago(1),
      credentialKind: 'SSH_KEY',
      username: null,
      publicKey: PUBLIC_KEY,
      apiUrl: 'https://gitlab.com/api/v4',
      hostKeyFingerprints: [PINNED],
      error: {
        code: 'access_denied',
        message:
          'git@gitlab.com:acme/docs.git did not let Slipway in with the ssh key. Check that the credential is right, has not expired and may read the repository.',
      },
    },
  );
  anExternal(
    data,
    project,
    'legacy',
    { url: 'https://git.old.example/legacy.git', host: 'OTHER', defaultBranch: 'trunk' },
    { apiUrl: null, credentialKind: 'NONE', username: null, pollEverySeconds: null, nextFetchAt: null, webhookSecret: null },
  );
  data.repository(project, 'tools');
  project.repositories.sort((a: Thing, b: Thing) => (a.name < b.name ? -1 : 1));
}
