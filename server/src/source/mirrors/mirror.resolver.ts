import { Arg, Ctx, FieldResolver, ID, Mutation, Resolver, Root } from 'type-graphql';
import { Can } from '../../people/access/can.js';
import { type Actor, actorOf, type GraphContext } from '../../platform/http/context.js';
import type { RepositoryQueries } from '../repositories/repositories.queries.js';
import { RepositoryType } from '../repositories/repository.type.js';
import { acceptHostKey } from './accept-host-key.js';
import { addRepository, type ConnectDeps } from './add-repository.js';
import { changeConnection } from './change-connection.js';
import { checkRemote, type RemoteCheck } from './check-remote.js';
import { fetchRepository } from './fetch-repository.js';
import type { MirrorQueries, MirrorView } from './mirror.queries.js';
import {
  CodeHostEnum,
  HostConnectionChange,
  HostConnectionInput,
  HostConnectionType,
  RemoteCheckType,
  RepositoryKindEnum,
} from './mirror.type.js';
import { connectionOf } from './mirror-view.js';
import { webhookPath } from './webhook-path.js';

/** External repositories: added, connected, fetched. */
@Resolver()
export class MirrorResolver {
  constructor(
    private readonly repositories: RepositoryQueries,
    private readonly deps: ConnectDeps,
  ) {}

  @Mutation(() => RemoteCheckType, {
    description: 'Tries the address and credential of a repository before it is added. Stores nothing; fails with what is wrong.',
  })
  @Can('repository.create', { project: 'project' })
  checkRemote(
    @Arg('project', () => String, { description: 'Name of the project that it is for.' }) _project: string,
    @Arg('connection', () => HostConnectionInput, { description: 'Where it is.' }) connection: HostConnectionInput,
  ): Promise<RemoteCheck> {
    return checkRemote(this.deps, connection);
  }

  @Mutation(() => RepositoryType, { description: 'Adds a repository at a code host to a project and starts to fetch it.' })
  @Can('repository.create', { project: 'project' })
  async addRepository(
    @Ctx() context: GraphContext,
    @Arg('project', () => String, { description: 'Name of the project.' }) project: string,
    @Arg('name', () => String, { description: 'Unique in the project: lower-case letters, digits and dashes.' }) name: string,
    @Arg('connection', () => HostConnectionInput, { description: 'Where it is.' }) connection: HostConnectionInput,
  ): Promise<RepositoryType | null> {
    const id = await addRepository(this.deps, { ...connection, project, name }, actorOf(context).userId);
    return this.repositories.repository(context, id);
  }

  @Mutation(() => RepositoryType, {
    description: 'Changes how an external repository is reached. The change is tried first: what does not work is not stored.',
  })
  @Can('repository.manage', { repository: 'id' })
  async changeRepositoryConnection(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Of the repository.' }) id: string,
    @Arg('change', () => HostConnectionChange, { description: 'What to change.' }) change: HostConnectionChange,
  ): Promise<RepositoryType | null> {
    await changeConnection(this.deps, id, change, actorOf(context).userId);
    return this.repositories.repository(context, id);
  }

  @Mutation(() => RepositoryType, { description: 'Pins the ssh key that the host shows now, after somebody has compared its fingerprint.' })
  @Can('repository.manage', { repository: 'id' })
  async acceptHostKey(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Of the repository.' }) id: string,
    @Arg('fingerprint', () => String, { description: 'The fingerprint that was compared, SHA256:….' }) fingerprint: string,
  ): Promise<RepositoryType | null> {
    await acceptHostKey(this.deps, id, fingerprint, actorOf(context).userId);
    return this.repositories.repository(context, id);
  }

  @Mutation(() => RepositoryType, { description: 'Fetches from the host at once. `connection` shows the result.' })
  @Can('run.trigger', { repository: 'id' })
  async fetchRepository(
    @Ctx() context: GraphContext,
    @Arg('id', () => ID, { description: 'Of the repository.' }) id: string,
  ): Promise<RepositoryType | null> {
    await fetchRepository(this.deps, id);
    return this.repositories.repository(context, id);
  }
}

/** Where a repository lives, as the repository shows it. */
@Resolver(() => RepositoryType)
export class RepositoryHostResolver {
  constructor(private readonly queries: MirrorQueries) {}

  @FieldResolver(() => RepositoryKindEnum, { description: 'Where it lives.' })
  async kind(@Root() repository: RepositoryType, @Ctx() context: GraphContext): Promise<'hosted' | 'external'> {
    return (await this.mirror(context, repository.id)) ? 'external' : 'hosted';
  }

  @FieldResolver(() => String, { nullable: true, description: 'Its address at its host; null: it is hosted here, at its cloneUrl.' })
  async url(@Root() repository: RepositoryType, @Ctx() context: GraphContext): Promise<string | null> {
    return (await this.mirror(context, repository.id))?.url ?? null;
  }

  @FieldResolver(() => CodeHostEnum, { nullable: true, description: 'The software that its host runs; null: it is hosted here.' })
  async host(@Root() repository: RepositoryType, @Ctx() context: GraphContext): Promise<MirrorView['host'] | null> {
    return (await this.mirror(context, repository.id))?.host ?? null;
  }

  @FieldResolver(() => HostConnectionType, {
    nullable: true,
    description: 'How it is kept in step with its host; null: it is hosted here.',
  })
  async connection(@Root() repository: RepositoryType, @Ctx() context: GraphContext): Promise<HostConnectionType | null> {
    const mirror = await this.mirror(context, repository.id);
    return mirror && connectionOf(mirror);
  }

  private mirror(context: GraphContext, id: string): Promise<MirrorView | null> {
    return context.loader('mirror', (ids: readonly string[]) => this.queries.ofRepositories(ids)).load(id);
  }
}

export type WebhookSecrets = {
  mayManage(actor: Actor | null, repositoryId: string): Promise<boolean>;
  webhookSecret(repositoryId: string): Promise<{ secret: string } | null>;
};

/** What the host is told, so that it can call. */
@Resolver(() => HostConnectionType)
export class WebhookAddressResolver {
  constructor(private readonly secrets: WebhookSecrets) {}

  @FieldResolver(() => String, { description: 'Path on this server that the host sends its webhooks to.' })
  webhookPath(@Root() connection: HostConnectionType): string {
    return webhookPath(connection.repositoryId);
  }

  @FieldResolver(() => String, {
    nullable: true,
    description: 'The secret that webhooks are signed with; null if you may not manage the repository.',
  })
  async webhookSecret(@Root() { repositoryId }: HostConnectionType, @Ctx() context: GraphContext): Promise<string | null> {
    if (!(await this.secrets.mayManage(context.actor, repositoryId))) return null;
    return (await this.secrets.webhookSecret(repositoryId))?.secret ?? null;
  }
}
