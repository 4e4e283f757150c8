import type { CodeHost, CredentialKind } from '../../generated/graphql.ts';

export const HOST_NAME: Record<CodeHost, string> = {
  github: 'GitHub',
  gitlab: 'GitLab',
  gitea: 'Gitea or Forgejo',
  bitbucket: 'Bitbucket Cloud',
  bitbucket_server: 'Bitbucket Data Center',
  other: 'Another Git server',
};

export const CREDENTIAL_NAME: Record<CredentialKind, string> = {
  none: 'nothing: it is open to everybody',
  token: 'a token',
  password: 'a user name and password',
  ssh_key: 'an ssh key',
};

/** How a host is told to call. `enter`: field by field. */
export type WebhookHelp = { where: string; enter: string; events: string };

/** Where a webhook is made at each host, what is entered and which events are chosen; null: the host has none. */
export const WEBHOOK_HELP: Record<CodeHost, WebhookHelp | null> = {
  github: {
    where: 'Repository → Settings → Webhooks → Add webhook',
    enter: 'Payload URL: the address · Content type: application/json · Secret: the secret',
    events: '“Let me select”: Pushes, Branch or tag creation, Branch or tag deletion, Pull requests',
  },
  gitlab: {
    where: 'Project → Settings → Webhooks → Add new webhook',
    enter: 'URL: the address · Secret token: the secret; or Signing token: the signing token',
    events: 'Push events (all branches), Tag push events, Merge request events',
  },
  gitea: {
    where: 'Repository → Settings → Webhooks → Add webhook → Gitea (Forgejo)',
    enter: 'Target URL: the address · POST, application/json · Secret: the secret',
    events: 'Custom events: Push, Create, Delete, Pull request and its synchronisation',
  },
  bitbucket: {
    where: 'Repository → Repository settings → Webhooks → Add webhook',
    enter: 'URL: the address · Secret: the secret',
    events: 'Repository: Push · Pull request: Created, Updated, Merged, Declined',
  },
  bitbucket_server: {
    where: 'Repository → Repository settings → Webhooks → Create webhook',
    enter: 'URL: the address · Secret: the secret',
    events: 'Repository: Push · Pull request: Opened, Source branch updated, Target branch updated, Modified, Merged, Declined, Deleted',
  },
  other: null,
};

/** Where a deploy key is added. */
export const DEPLOY_KEY_PLACE: Record<CodeHost, string> = {
  github: 'Repository → Settings → Deploy keys → Add deploy key',
  gitlab: 'Project → Settings → Repository → Deploy keys → Add new key',
  gitea: 'Repository → Settings → Deploy keys → Add deploy key',
  bitbucket: 'Repository → Repository settings → Access keys → Add key',
  bitbucket_server: 'Repository → Repository settings → Access keys → Add key',
  other: 'Among the keys that may read the repository',
};
