/** Where a host sends its webhooks about a repository. */
export const webhookPath = (repositoryId: string): string => `/webhooks/${repositoryId}`;
