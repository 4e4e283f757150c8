import type { RepositoryUrl } from '../../repositories/repository-url.js';
import { webAddressOf } from '../api-root.js';

/** Addresses over ssh of the public service, whose paths are `v3/<organization>/<project>/<repository>`. */
const SSH_SERVICES: readonly string[] = ['ssh.dev.azure.com', 'vs-ssh.visualstudio.com'];
/** The path of a server that was installed as Team Foundation Server once; before the collection. */
const OLD_PATH = 'tfs';

/**
 * The address of a project, below which its API is, from the clone address of a repository in it: `…/<collection>/<project>/_git/<repository>`.
 * The project is left out of an address where it has the name of the repository.
 */
export function projectAddress(url: RepositoryUrl): string {
  const parts = partsOf(url.path);
  const name = url.hostname.toLowerCase();
  if (SSH_SERVICES.includes(name)) return ['https://dev.azure.com', ...parts.slice(-3, -1)].join('/');
  const before = parts.slice(0, parts.lastIndexOf('_git'));
  const project = isCollection(name, before) ? [parts.at(-1) ?? ''] : [];
  return [webAddressOf(url), ...before, ...project].join('/');
}

/** Whether a repository can have this address. */
export function isRepository({ hostname, path }: RepositoryUrl): boolean {
  const parts = path.split('/');
  return SSH_SERVICES.includes(hostname.toLowerCase())
    ? /^v3(\/[^/]+){3}$/.test(path)
    : parts.length > 1 && parts.at(-2) === '_git' && parts.at(-1) !== '';
}

/** Whether all that stands before `_git` is the collection, or the organization at the public service. */
function isCollection(hostname: string, before: readonly string[]): boolean {
  if (hostname.endsWith('.visualstudio.com')) return before.length === 0 || (before.length === 1 && before[0] === 'DefaultCollection');
  return before.length <= 1 || (before.length === 2 && before[0]?.toLowerCase() === OLD_PATH);
}

/** Path below the address of the project. */
export const inRepository = (path: string): string => `/_apis/git/repositories/${partsOf(path).at(-1)}`;

/** Names may hold blanks and most other letters; addresses over http have them escaped already. */
const partsOf = (path: string): string[] => path.split('/').map((part) => escaped(unescaped(part)));

/** Invalid Unicode can't be escaped; it is not a valid name either. */
const escaped = (part: string): string => encodeURIComponent(part.toWellFormed());

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** A repository as the API and events name it. */
export type Repository = { id: string; name: string; url: string; project: { id: string; name: string } };

export const nameOf = ({ name, project }: Repository): string => `${project.name}/${name}`;

/** How addresses of it end: over https, there also without the project that has its name, and over ssh. */
export function endsOfAddress({ name, project }: Repository): string[] {
  const ends = [`${project.name}/_git/${name}`, `${project.name}/${name}`];
  return (project.name === name ? [...ends, `_git/${name}`] : ends).map((end) => encodeURI(end.toWellFormed()));
}

/** Its page and clone address; without the user's name, which the address that the host gives for cloning may hold. null: it can't be told. */
export function webAddress({ name, url, project }: Repository): string | null {
  const [root, ...api] = url.split('/_apis/');
  if (!root || api.length === 0) return null;
  const inProject = root.endsWith(`/${project.id}`) ? root : `${root}/${escaped(project.name)}`;
  return `${inProject}/_git/${escaped(name)}`;
}
