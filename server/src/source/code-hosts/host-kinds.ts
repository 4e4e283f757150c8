/** The code hosts that Slipway supports. Forgejo has the API of Gitea. */
export const HOST_KINDS = ['github', 'gitlab', 'gitea', 'bitbucket', 'bitbucket_server', 'azure_devops'] as const;
export type HostKind = (typeof HOST_KINDS)[number];

/** What a repository's host runs. `other`: a Git server without webhooks or an API that Slipway knows. */
export const HOST_SOFTWARE = [...HOST_KINDS, 'other'] as const;
export type HostSoftware = (typeof HOST_SOFTWARE)[number];
