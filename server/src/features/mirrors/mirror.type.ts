import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { CODE_HOSTS, type CodeHost } from '../repositories/code-host.js';
import type { RemoteCheck } from './check-remote.js';
import { CREDENTIAL_KINDS, type CredentialInput, type CredentialKind } from './credential.js';

export const RepositoryKindEnum = enumOf('RepositoryKind', 'Where a repository lives.', {
  hosted: 'With Slipway.',
  external: 'At a code host, of which Slipway keeps a mirror.',
});

export const CodeHostEnum = enumOf(
  'CodeHost',
  'Software that hosts repositories; Forgejo is GITEA. `OTHER`: Git alone, without webhooks or an API that is known here.',
  CODE_HOSTS,
);

export const CredentialKindEnum = enumOf('CredentialKind', 'What a host lets Slipway in with.', CREDENTIAL_KINDS);

export const MirrorStateEnum = enumOf('MirrorState', 'How a mirror stands.', {
  fresh: 'The last fetch succeeded.',
  fetching: 'A fetch is under way or about to begin.',
  stale: 'Fetching fails; what is here stays.',
});

@InputType('CredentialInput', { description: 'As whom a host is asked. Stored sealed, and never shown again.' })
export class CredentialInputType implements CredentialInput {
  @Field(() => CredentialKindEnum, { description: 'token and password go with https addresses, ssh_key with ssh addresses.' })
  kind!: CredentialKind;

  @Field(() => String, { nullable: true, description: 'Of the password; with a token left out, unless the host asks for a certain one.' })
  username?: string | null;

  @Field(() => String, {
    nullable: true,
    description: 'The token, the password or the private key. A key left out is made: add its publicKey to the host as a deploy key.',
  })
  secret?: string | null;
}

@InputType('HostConnectionInput', { description: 'Where an external repository is.' })
export class HostConnectionInput {
  @Field(() => String, { description: 'https://host/owner/name.git, ssh://git@host/owner/name.git or git@host:owner/name.git.' })
  url!: string;

  @Field(() => CredentialInputType, { description: 'As whom it is fetched.' })
  credential!: CredentialInputType;

  @Field(() => CodeHostEnum, { nullable: true, description: 'Left out: guessed by the name of the host.' })
  host?: CodeHost | null;

  @Field(() => String, { nullable: true, description: "Of the host's HTTP API. Left out: the usual one; empty: none." })
  apiUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'How often the host is asked for news. Left out: every 300; 0: never.' })
  pollEverySeconds?: number | null;
}

@InputType('HostConnectionChange', { description: 'What is left out stays as it is.' })
export class HostConnectionChange {
  @Field(() => String, { nullable: true, description: 'Another address; at another host the credential must be given too.' })
  url?: string | null;

  @Field(() => CredentialInputType, { nullable: true, description: 'In the place of the stored one.' })
  credential?: CredentialInputType | null;

  @Field(() => CodeHostEnum, { nullable: true, description: 'What software the host runs.' })
  host?: CodeHost | null;

  @Field(() => String, { nullable: true, description: "Of the host's HTTP API; empty: none." })
  apiUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'How often the host is asked for news; 0: never.' })
  pollEverySeconds?: number | null;
}

@ObjectType('RemoteCheck', { description: 'What is at an address; nothing was stored.' })
export class RemoteCheckType implements RemoteCheck {
  @Field(() => String, { description: 'The address as it was understood.' })
  url!: string;

  @Field(() => CodeHostEnum, { description: 'What the host is taken for.' })
  host!: CodeHost;

  @Field(() => String, { nullable: true, description: "Of the host's HTTP API; null: none is known." })
  apiUrl!: string | null;

  @Field(() => Boolean, {
    description: 'Whether the repository could be read. false: the host answers, but does not know the key yet that is to be made.',
  })
  read!: boolean;

  @Field(() => String, { nullable: true, description: 'null: the repository is empty, or could not be read.' })
  defaultBranch!: string | null;

  @Field(() => Int, { description: 'How many branches it has.' })
  branches!: number;

  @Field(() => Int, { description: 'How many tags it has.' })
  tags!: number;

  @Field(() => [String], { description: 'Kind and SHA256 fingerprint of the ssh host keys, to compare with what the host says of itself.' })
  hostKeyFingerprints!: string[];
}

@ObjectType('FetchError', { description: 'Why fetching fails.' })
export class FetchErrorType {
  @Field(() => String, { description: 'Stable, for programs: unreachable, access_denied, host_key_changed, …' })
  code!: string;

  @Field(() => String, { description: 'What happened and what to do now.' })
  message!: string;
}

@ObjectType('HostConnection', { description: 'How an external repository is kept equal to the one at its host.' })
export class HostConnectionType {
  @Field(() => MirrorStateEnum, { description: 'How the mirror stands.' })
  state!: 'fresh' | 'fetching' | 'stale';

  @Field(() => DateTime, { nullable: true, description: 'When everything at the host was here last; null: never yet.' })
  fetchedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when fetching fails; null: it does not.' })
  failingSince!: Date | null;

  @Field(() => FetchErrorType, { nullable: true, description: 'Why fetching fails.' })
  error!: FetchErrorType | null;

  @Field(() => DateTime, { nullable: true, description: 'When the host is asked next; null: only when it or somebody calls.' })
  nextFetchAt!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'How often the host is asked for news, in seconds; an hour at least while webhooks arrive. null: never.',
  })
  pollEverySeconds!: number | null;

  @Field(() => String, { nullable: true, description: "Of the host's HTTP API; null: there is none." })
  apiUrl!: string | null;

  @Field(() => CredentialKindEnum, { description: 'What the host lets Slipway in with.' })
  credentialKind!: CredentialKind;

  @Field(() => String, { nullable: true, description: 'That goes with the credential.' })
  username!: string | null;

  @Field(() => String, { nullable: true, description: 'Public half of the ssh key, to add at the host as a deploy key.' })
  publicKey!: string | null;

  @Field(() => [String], { description: 'Kind and SHA256 fingerprint of the pinned ssh host keys.' })
  hostKeyFingerprints!: string[];

  @Field(() => String, {
    nullable: true,
    description: 'SHA256 fingerprint of the key that the host shows instead of the pinned one; for acceptHostKey.',
  })
  offeredHostKey!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When a webhook of the host arrived last; null: never yet.' })
  lastDeliveryAt!: Date | null;

  repositoryId!: string;
}
