import { GraphQLError } from 'graphql';
import { ago, connection, type FakeInstallation, type Thing } from './fake-data.ts';
import { anExternal } from './fake-hosts.ts';

const refused = (code: string, message: string) => new GraphQLError(message, { extensions: { code, kind: 'bad_input' } });
const SSH_KEYS = ['ED25519 SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU', 'RSA SHA256:uNiVztksCsDhcc0u9e8BgrJXVGLMzhVB7CUCeyhYTFM'];
const CHECK_MS = 300;

/** External repositories: checked, added, changed, fetched, and their deliveries. */
export class FakeHostResolvers {
  private readonly data: FakeInstallation;
  private readonly changed: () => void;

  constructor(data: FakeInstallation, changed: () => void) {
    this.data = data;
    this.changed = changed;
  }

  private repositories = () => this.data.projects.flatMap((project) => project.repositories as Thing[]);
  private deliveries = () => this.repositories().flatMap((repository) => (repository.allDeliveries ?? []) as Thing[]);

  repository(id: string): Thing {
    const found = this.repositories().find((each) => each.id === id);
    if (!found) throw refused('repository_not_found', 'There is no such repository that you may see.');
    return found;
  }

  readonly query: Thing = {
    webhookDeliveries: ({ repositoryId, ...page }: Thing) => connection(this.repository(repositoryId).allDeliveries ?? [], page),
    webhookDelivery: ({ id }: Thing) => this.deliveries().find((each) => each.id === id) ?? null,
  };

  readonly mutation: Thing = {
    checkRemote: async ({ connection: asked }: Thing) => {
      await new Promise((resolve) => setTimeout(resolve, CHECK_MS));
      return this.look(asked);
    },
    addRepository: async ({ project: name, name: repository, connection: asked }: Thing) => {
      const project = this.data.projects.find((each) => each.name === name) ?? {};
      if (project.repositories.some((each: Thing) => each.name === repository))
        throw refused('repository_exists', `The project already has a repository "${repository}". Choose another name.`);
      const seen = this.look(asked);
      const made = asked.credential.kind === 'SSH_KEY' && !asked.credential.secret;
      return anExternal(
        this.data,
        project,
        repository,
        { url: seen.url, host: seen.host, defaultBranch: null },
        {
          state: 'FETCHING',
          fetchedAt: null,
          apiUrl: seen.apiUrl,
          credentialKind: asked.credential.kind,
          username: asked.credential.username ?? null,
          publicKey: made ? 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxvbmdlbm91Z2g slipway' : null,
          hostKeyFingerprints: seen.hostKeyFingerprints,
        },
      );
    },
    changeRepositoryConnection: ({ id, change }: Thing) => {
      const repository = this.repository(id);
      const { credential, url, host, ...rest } = change;
      if (url && !credential)
        throw refused('credential_needed', 'The stored credential is for another host. Give the credential for this one too.');
      if (url) repository.url = url;
      if (host) repository.host = host;
      if (credential) Object.assign(repository.connection, { credentialKind: credential.kind, username: credential.username ?? null });
      Object.assign(repository.connection, rest);
      return repository;
    },
    acceptHostKey: ({ id, fingerprint }: Thing) =>
      this.fetched(id, { hostKeyFingerprints: [`ED25519 ${fingerprint}`], offeredHostKey: null }),
    fetchRepository: ({ id }: Thing) => {
      const repository = this.repository(id);
      const { error } = repository.connection;
      Object.assign(repository.connection, { state: 'FETCHING' });
      setTimeout(() => (error ? this.change(repository, { state: 'STALE' }) : this.fetched(id, {})), CHECK_MS).unref();
      return repository;
    },
    redeliver: ({ id }: Thing) => {
      const delivery = this.deliveries().find((each) => each.id === id) ?? {};
      Object.assign(delivery, { state: 'RECEIVED', answer: null, handledAt: null });
      setTimeout(() => {
        Object.assign(delivery, { state: 'HANDLED', answer: 'Branch main was pushed: a fetch was requested.', handledAt: ago(0) });
        this.changed();
      }, CHECK_MS).unref();
      return delivery;
    },
  };

  private fetched(id: string, over: Thing): Thing {
    return this.change(this.repository(id), { state: 'FRESH', fetchedAt: ago(0), failingSince: null, error: null, ...over });
  }

  private change(repository: Thing, over: Thing): Thing {
    Object.assign(repository.connection, over);
    this.changed();
    return repository;
  }

  private look({ url, credential, host, apiUrl }: Thing): Thing {
    if (/missing/.test(url) && credential.kind === 'NONE')
      throw refused('remote_not_found', `There is no repository at ${url}, or it is not public. Check the address, or give a credential.`);
    const ssh = /^ssh:|@/.test(url);
    const read = !ssh || Boolean(credential.secret);
    return {
      url,
      host: host ?? (url.includes('gitlab') ? 'GITLAB' : 'GITHUB'),
      apiUrl: apiUrl ?? 'https://api.github.com',
      read,
      defaultBranch: read ? 'main' : null,
      branches: read ? 1204 : 0,
      tags: read ? 61 : 0,
      hostKeyFingerprints: ssh ? SSH_KEYS : [],
    };
  }
}
