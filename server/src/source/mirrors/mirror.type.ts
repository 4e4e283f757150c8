import { Field, InputType, Int, ObjectType } from 'type-graphql';
import { enumOf } from '../../platform/graphql/enum-of.js';
import { DateTime } from '../../platform/graphql/scalars.js';
import { HOST_SOFTWARE, type HostSoftware } from '../code-hosts/host-kinds.js';
import type { RemoteCheck } from './check-remote.js';
import { CREDENTIAL_KINDS, type CredentialInput, type CredentialKind } from './credential.js';

export const RepositoryKindEnum = enumOf('RepositoryKind', 'Where a repository lives.', {
  hosted: 'With Slipway.',
  external: 'At a code host; Slipway keeps a mirror of it.',
});

export const CodeHostEnum = enumOf(
  'CodeHost',
  'Software that hosts repositories; Forgejo counts as `GITEA`. `OTHER`: plain Git, without webhooks or an API that Slipway knows.',
  HOST_SOFTWARE,
);

export const CredentialKindEnum = enumOf('CredentialKind', 'How Slipway signs in at a host.', CREDENTIAL_KINDS);

export const MirrorStateEnum = enumOf('MirrorState', 'The state of a mirror.', {
  fresh: 'The last fetch succeeded.',
  fetching: 'A fetch is under way or about to start.',
  stale: 'Fetching fails; what was fetched before stays.',
});

@InputType('CredentialInput', { description: 'How to sign in at a host. Stored sealed, and never shown again.' })
export class CredentialInputType implements CredentialInput {
  @Field(() => CredentialKindEnum, { description: 'token and password are for https addresses, ssh_key is for ssh addresses.' })
  kind!: CredentialKind;

  @Field(() => String, {
    nullable: true,
    description: 'The user name of a password. Left out for a token, unless the host needs a certain one.',
  })
  username?: string | null;

  @Field(() => String, {
    nullable: true,
    description:
      'The token, the password or the private key. If the key is left out, Slipway makes one: add its publicKey to the host as a deploy key.',
  })
  secret?: string | null;
}

@InputType('HostConnectionInput', { description: 'Where an external repository is.' })
export class HostConnectionInput {
  @Field(() => String, { description: 'https://host/owner/name.git, ssh://git@host/owner/name.git or git@host:owner/name.git.' })
  url!: string;

  @Field(() => CredentialInputType, { description: 'How to sign in at the host.' })
  credential!: CredentialInputType;

  @Field(() => CodeHostEnum, { nullable: true, description: 'Left out: guessed from the name of the host.' })
  host?: HostSoftware | null;

  @Field(() => String, { nullable: true, description: "Address of the host's HTTP API. Left out: the usual one; empty: none." })
  apiUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'Seconds between two polls of the host. Left out: 300; 0: never.' })
  pollEverySeconds?: number | null;
}

@InputType('HostConnectionChange', { description: 'What is left out stays as it is.' })
export class HostConnectionChange {
  @Field(() => String, { nullable: true, description: 'The new address; for another host give the credential too.' })
  url?: string | null;

  @Field(() => CredentialInputType, { nullable: true, description: 'Replaces the stored one.' })
  credential?: CredentialInputType | null;

  @Field(() => CodeHostEnum, { nullable: true, description: 'The software that the host runs.' })
  host?: HostSoftware | null;

  @Field(() => String, { nullable: true, description: "Address of the host's HTTP API; empty: none." })
  apiUrl?: string | null;

  @Field(() => Int, { nullable: true, description: 'Seconds between two polls of the host; 0: never.' })
  pollEverySeconds?: number | null;
}

@ObjectType('RemoteCheck', { description: 'What was found at an address; nothing was stored.' })
export class RemoteCheckType implements RemoteCheck {
  @Field(() => String, { description: 'The address as it was understood.' })
  url!: string;

  @Field(() => CodeHostEnum, { description: 'The software that the host seems to run.' })
  host!: HostSoftware;

  @Field(() => String, { nullable: true, description: "Address of the host's HTTP API; null: none is known." })
  apiUrl!: string | null;

  @Field(() => Boolean, {
    description: 'Whether the repository could be read. false: the host answers, but does not know the key yet, which is still to be made.',
  })
  read!: boolean;

  @Field(() => String, { nullable: true, description: 'null: the repository is empty, or could not be read.' })
  defaultBranch!: string | null;

  @Field(() => Int, { description: 'How many branches it has.' })
  branches!: number;

  @Field(() => Int, { description: 'How many tags it has.' })
  tags!: number;

  @Field(() => [String], {
    description: 'Kind and SHA256 fingerprint of the ssh host keys, to compare with those that the host publishes.',
  })
  hostKeyFingerprints!: string[];
}

@ObjectType('FetchError', { description: 'Why fetching fails.' })
export class FetchErrorType {
  @Field(() => String, { description: 'Stable, for programs: unreachable, access_denied, host_key_changed, …' })
  code!: string;

  @Field(() => String, { description: 'What happened and what to do now.' })
  message!: string;
}

@ObjectType('HostConnection', { description: 'How an external repository is kept in step with the one at its host.' })
export class HostConnectionType {
  @Field(() => MirrorStateEnum, { description: 'The state of the mirror.' })
  state!: 'fresh' | 'fetching' | 'stale';

  @Field(() => DateTime, { nullable: true, description: 'When the mirror last had everything from the host; null: never yet.' })
  fetchedAt!: Date | null;

  @Field(() => DateTime, { nullable: true, description: 'Since when fetching fails; null: it does not.' })
  failingSince!: Date | null;

  @Field(() => FetchErrorType, { nullable: true, description: 'Why fetching fails.' })
  error!: FetchErrorType | null;

  @Field(() => String, {
    nullable: true,
    description: 'A sentence on branches and tags of the host that are not mirrored, because Slipway keeps no such names; null: all are.',
  })
  leftOut!: string | null;

  @Field(() => DateTime, {
    nullable: true,
    description: 'When the host is polled next; null: it is only fetched after a webhook or on request.',
  })
  nextFetchAt!: Date | null;

  @Field(() => Int, {
    nullable: true,
    description: 'Seconds between two polls of the host; at least an hour while webhooks arrive. null: never.',
  })
  pollEverySeconds!: number | null;

  @Field(() => String, { nullable: true, description: "Address of the host's HTTP API; null: there is none." })
  apiUrl!: string | null;

  @Field(() => CredentialKindEnum, { description: 'What the host lets Slipway in with.' })
  credentialKind!: CredentialKind;

  @Field(() => String, { nullable: true, description: 'User name of the credential.' })
  username!: string | null;

  @Field(() => String, { nullable: true, description: 'Public half of the ssh key, to add at the host as a deploy key.' })
  publicKey!: string | null;

  @Field(() => [String], { description: 'Kind and SHA256 fingerprint of the pinned ssh host keys.' })
  hostKeyFingerprints!: string[];

  @Field(() => String, {
    nullable: true,
    description: 'SHA256 fingerprint of the key that the host shows instead of the pinned one; pass it to acceptHostKey.',
  })
  offeredHostKey!: string | null;

  @Field(() => DateTime, { nullable: true, description: 'When a webhook of the host last arrived; null: never yet.' })
  lastDeliveryAt!: Date | null;

  repositoryId!: string;
}
