import type { CodeHost, CredentialKind } from '../../generated/graphql.ts';

export const HOST_NAME: Record<CodeHost, string> = {
  GITHUB: 'GitHub',
  GITLAB: 'GitLab',
  GITEA: 'Gitea or Forgejo',
  BITBUCKET: 'Bitbucket Cloud',
  BITBUCKET_SERVER: 'Bitbucket Data Center',
  AZURE_DEVOPS: 'Azure DevOps',
  OTHER: 'Another Git server',
};

/** Those with webhooks and an API that Slipway knows, for sentences such as "If it runs …". */
export const KNOWN_HOSTS = new Intl.ListFormat('en', { type: 'disjunction' }).format(
  Object.entries(HOST_NAME).flatMap(([host, name]) => (host === 'OTHER' ? [] : [name])),
);

export const CREDENTIAL_NAME: Record<CredentialKind, string> = {
  NONE: 'none: it is public',
  TOKEN: 'a token',
  PASSWORD: 'a user name and password',
  SSH_KEY: 'an ssh key',
};

/** How to set up the webhook at a host. `enter`: field by field. `takesSigningToken`: it signs with a token of its own form, which is shown too. */
export type WebhookHelp = { where: string; enter: string; events: string; takesSigningToken?: true };

/** Where a webhook is made at each host, what is entered and which events are chosen; null: the host has none. */
export const WEBHOOK_HELP: Record<CodeHost, WebhookHelp | null> = {
  GITHUB: {
    where: 'Repository → Settings → Webhooks → Add webhook',
    enter: 'Payload URL: the address · Content type: application/json · Secret: the secret',
    events: '“Let me select”: Pushes, Branch or tag creation, Branch or tag deletion, Pull requests',
  },
  GITLAB: {
    where: 'Project → Settings → Webhooks → Add new webhook',
    enter: 'URL: the address · Secret token: the secret; or Signing token: the signing token',
    events: 'Push events (all branches), Tag push events, Merge request events',
    takesSigningToken: true,
  },
  GITEA: {
    where: 'Repository → Settings → Webhooks → Add webhook → Gitea (Forgejo)',
    enter: 'Target URL: the address · POST, application/json · Secret: the secret',
    events: 'Custom events: Push, Create, Delete, Pull request and its synchronisation',
  },
  BITBUCKET: {
    where: 'Repository → Repository settings → Webhooks → Add webhook',
    enter: 'URL: the address · Secret: the secret',
    events: 'Repository: Push · Pull request: Created, Updated, Merged, Declined',
  },
  BITBUCKET_SERVER: {
    where: 'Repository → Repository settings → Webhooks → Create webhook',
    enter: 'URL: the address · Secret: the secret',
    events: 'Repository: Push · Pull request: Opened, Source branch updated, Target branch updated, Modified, Merged, Declined, Deleted',
  },
  AZURE_DEVOPS: {
    where: 'Project → Project settings → Service hooks → Create subscription → Web Hooks, once for each event',
    enter:
      'URL: the address (https) · Basic authentication username: slipway · Basic authentication password: the secret · Resource details to send: All',
    events: 'Code pushed, Pull request created, Pull request updated, Pull request merge attempted; in each the repository',
  },
  OTHER: null,
};

/** Where a deploy key is added. */
export const DEPLOY_KEY_PLACE: Record<CodeHost, string> = {
  GITHUB: 'Repository → Settings → Deploy keys → Add deploy key',
  GITLAB: 'Project → Settings → Repository → Deploy keys → Add new key',
  GITEA: 'Repository → Settings → Deploy keys → Add deploy key',
  BITBUCKET: 'Repository → Repository settings → Access keys → Add key',
  BITBUCKET_SERVER: 'Repository → Repository settings → Access keys → Add key',
  AZURE_DEVOPS: 'Your user settings → SSH public keys → New key; a repository has none of its own',
  OTHER: 'Add it to the keys that may read the repository',
};
