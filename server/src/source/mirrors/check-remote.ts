import type { HostSoftware } from '../code-hosts/host-kinds.js';
import { formatRepositoryUrl } from '../repositories/repository-url.js';
import { type ConnectionInput, look, planConnection } from './plan-connection.js';
import type { PrivateFiles } from './private-files.js';
import type { RemoteGit } from './remote-git.js';
import { fingerprintsOf } from './ssh-keys.js';

export type RemoteCheck = {
  url: string;
  host: HostSoftware;
  apiUrl: string | null;
  read: boolean;
  defaultBranch: string | null;
  branches: number;
  tags: number;
  hostKeyFingerprints: string[];
};

/** Whether a repository can be had, before it is added: nothing is stored. @throws DomainError that says why not */
export async function checkRemote({ files, git }: { files: PrivateFiles; git: RemoteGit }, input: ConnectionInput): Promise<RemoteCheck> {
  const { url, host, apiUrl, credential, newKey } = await planConnection(files, input);
  const { hostKeys, ...seen } = await look(git, { url, credential, hostKeys: null }, newKey);
  return { url: formatRepositoryUrl(url), host, apiUrl, ...seen, hostKeyFingerprints: fingerprintsOf(hostKeys ?? '') };
}
