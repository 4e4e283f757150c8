import type { CodeHost } from '../code-host.js';
import { basic } from '../sign-in.js';
import { checkBasic, headerOf } from '../signature.js';
import { azureList } from './list.js';
import { azureNews } from './news.js';
import { isRepository, projectAddress } from './repository.js';
import { azureStatuses } from './statuses.js';

/** The event stands near the beginning of the body, and all that comes before it is bounded. */
const BEGINNING_BYTES = 4_096;
const PROBLEM =
  'The address of a repository in Azure DevOps looks like https://host/collection/project/_git/repository, https://dev.azure.com/organization/project/_git/repository or git@ssh.dev.azure.com:v3/organization/project/repository. Copy it from "Clone" on the page of the repository.';
const EVENT = /"eventType"\s*:\s*"([\w.-]{1,100})"/;

/** Azure DevOps Server and the service, once Team Foundation Server and Visual Studio Team Services. The root of its API is the address of a project. */
export const azureDevops: CodeHost = {
  name: 'Azure DevOps',
  address: {
    services: { 'dev.azure.com': null, 'ssh.dev.azure.com': null, '.visualstudio.com': null },
    hints: ['azuredevops', 'tfs'],
    problemWith: (url) => (isRepository(url) ? null : PROBLEM),
    usualApi: projectAddress,
    // The names of projects and collections can't be guessed.
    apiRoot: (apiUrl) => apiUrl,
  },
  // A personal access token is sent as a password; the user name does not matter.
  signIn: {
    tokenUser: 'git',
    authorization: (credential) =>
      credential.kind === 'token' ? basic('', credential.token) : basic(credential.username, credential.password),
  },
  webhook: {
    shownHeaders: [],
    proof: 'password',
    secretField: 'the field "Basic authentication password" of the service hook (Project settings → Service hooks)',
    isFrom: null,
    verify: (secret, headers) => checkBasic(headerOf(headers, 'authorization'), secret),
    event: (_headers, body) => EVENT.exec(Buffer.from(body.subarray(0, BEGINNING_BYTES)).toString('latin1'))?.[1] ?? null,
    // The id is in the body, and a repetition has the same bytes.
    deliveryId: () => null,
    news: azureNews,
  },
  pullRequests: {
    headRef: () => null,
    mergeMessages: { subject: [/^Merged PR (\d{1,9}): /], body: [] },
    ...azureList,
  },
  statuses: azureStatuses,
};
