/** Software that hosts repositories; Forgejo speaks as Gitea does. `other`: a Git server without webhooks or an API that is known here. */
export const CODE_HOSTS = ['github', 'gitlab', 'gitea', 'bitbucket', 'bitbucket_server', 'other'] as const;
export type CodeHost = (typeof CODE_HOSTS)[number];

const WELL_KNOWN = new Map<string, CodeHost>([
  ['github.com', 'github'],
  ['gitlab.com', 'gitlab'],
  ['bitbucket.org', 'bitbucket'],
  ['codeberg.org', 'gitea'],
]);

/** What is likely behind a name, until somebody says otherwise. */
export function guessCodeHost(hostname: string): CodeHost {
  const name = hostname.toLowerCase();
  const known = WELL_KNOWN.get(name);
  if (known) return known;
  for (const [word, host] of HINTS) if (name.split('.').some((part) => part.startsWith(word))) return host;
  return 'other';
}

const HINTS: [string, CodeHost][] = [
  ['github', 'github'],
  ['gitlab', 'gitlab'],
  ['gitea', 'gitea'],
  ['forgejo', 'gitea'],
  ['bitbucket', 'bitbucket_server'],
];
