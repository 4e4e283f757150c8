import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Logger } from 'pino';
import { originOf } from '../../../platform/http/origin.js';
import type { PushRule } from '../../branches/rules/push-rules.js';
import type { PushIngest } from '../pushes/ingest-pushes.js';
import type { RepositoryStore } from '../repository-store.js';
import { type GitAccessDeps, GitGate, type GitService } from './git-access.js';
import { HttpBackend } from './http-backend.js';

export type GitHttpDeps = GitAccessDeps & {
  store: RepositoryStore;
  pushes: Pick<PushIngest, 'ingest'>;
  /** Told of a repository after each push, to pack it when it is worth it. */
  pushed(repositoryId: string): void;
  /** The branch rules for this pusher, the most specific first. */
  pushRules(repositoryId: string, userId: string): Promise<PushRule[]>;
  /** Where people reach the page, without a slash at the end; null: where Git reaches the server. */
  publicUrl: string | null;
  log: Pick<Logger, 'error' | 'warn'>;
};

type Params = { project: string; repository: string };
const SERVICES: readonly string[] = ['git-upload-pack', 'git-receive-pack'] satisfies GitService[];
const isService = (name: unknown): name is GitService => typeof name === 'string' && SERVICES.includes(name);

/** Git's smart HTTP protocol at `/git/<project>/<repository>.git`. Bodies stay raw and have no limit. */
export function gitHttpRoutes(deps: GitHttpDeps) {
  return async (app: FastifyInstance): Promise<void> => {
    const remote = new GitRemote(deps);
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _body, done) => done(null));
    app.addHook('onClose', async () => remote.close());
    const options = { bodyLimit: Number.MAX_SAFE_INTEGER };
    app.get<{ Params: Params; Querystring: { service?: unknown } }>('/git/:project/:repository/info/refs', options, (request, reply) => {
      const { service } = request.query;
      if (!isService(service)) return refuse(reply, 403, 'This Git remote speaks only the smart HTTP protocol. Use git 1.6.6 or newer.\n');
      return remote.serve(request, reply, service, 'info/refs');
    });
    for (const service of SERVICES.filter(isService)) {
      app.post<{ Params: Params }>(`/git/:project/:repository/${service}`, options, (request, reply) =>
        remote.serve(request, reply, service, service),
      );
    }
    // The batch call comes first; calls for locks get the same answer.
    app.all('/git/:project/:repository/info/lfs/*', (_request, reply) => refuseLfs(reply));
    app.all('/git/*', (_request, reply) =>
      refuse(reply, 404, 'This is a Git remote. Use it as `git clone <server>/git/<project>/<repository>.git`.\n'),
    );
  };
}

type Served = { repositoryId: string; userId: string | null; rules: PushRule[]; pushedPage: string };

class GitRemote {
  private readonly gate: GitGate;
  private readonly running = new Set<HttpBackend>();

  constructor(private readonly deps: GitHttpDeps) {
    this.gate = new GitGate(deps);
  }

  async serve(request: FastifyRequest<{ Params: Params }>, reply: FastifyReply, service: GitService, path: string): Promise<FastifyReply> {
    const { project } = request.params;
    const repository = request.params.repository.replace(/\.git$/, '');
    const access = await this.gate.check(request.headers.authorization, project, repository, service);
    if (!access.allowed) return refuse(reply, access.status, access.message);
    const { repositoryId, userId } = access;
    const rules = path === 'git-receive-pack' && userId !== null ? await this.deps.pushRules(repositoryId, userId) : [];
    const pushedPage = `${originOf(request, this.deps.publicUrl)}/projects/${project}/${repository}/pushed`;
    const backend = this.start(request, reply, { repositoryId, userId, rules, pushedPage }, path);
    if (path === 'git-receive-pack') void backend.ended.then(() => this.afterPush(access.repositoryId));
    try {
      const { status, headers, body } = await backend.answer();
      return reply.code(status).headers(headers).send(body);
    } catch (error) {
      backend.stop();
      this.deps.log.error({ err: error, repository: access.repositoryId }, 'git http-backend failed');
      return refuse(reply, 500, 'The server could not run git. Its log says why; try again later.\n');
    }
  }

  close(): void {
    for (const backend of this.running) backend.stop();
  }

  private start(request: FastifyRequest, reply: FastifyReply, { repositoryId, userId, ...options }: Served, path: string): HttpBackend {
    const { store, log } = this.deps;
    const query = request.url.split('?')[1] ?? '';
    const where = { root: store.root, path: `/${repositoryId}.git/${path}`, query, user: userId ?? 'job', address: request.ip };
    const backend = new HttpBackend(request.raw, { ...where, ...store.serving(userId, { anySha: userId === null, ...options }) });
    this.running.add(backend);
    reply.raw.once('close', () => {
      if (!reply.raw.writableFinished) backend.stop();
    });
    void backend.ended.then(({ code, stderr }) => {
      this.running.delete(backend);
      if (code !== 0) log.warn({ repository: repositoryId, path, code, stderr }, 'git http-backend ended with an error');
    });
    return backend;
  }

  private async afterPush(repositoryId: string): Promise<void> {
    try {
      await this.deps.pushes.ingest(repositoryId);
      this.deps.pushed(repositoryId);
    } catch (error) {
      this.deps.log.error({ err: error, repository: repositoryId }, 'A push is not recorded yet; trying again within seconds.');
    }
  }
}

/** git-lfs shows the message of its own JSON: https://github.com/git-lfs/git-lfs/blob/main/docs/api/batch.md#response-errors */
function refuseLfs(reply: FastifyReply): FastifyReply {
  const message =
    'Slipway does not store Git LFS objects. Keep large files out of the repository, or take them out of LFS with "git lfs migrate export --include=<pattern>" and push again.';
  return reply.code(501).type('application/vnd.git-lfs+json').send(JSON.stringify({ message }));
}

/** Git shows a text/plain body to the person who called it. */
function refuse(reply: FastifyReply, status: number, message: string): FastifyReply {
  if (status === 401) reply.header('www-authenticate', 'Basic realm="Slipway", charset="UTF-8"');
  return reply.code(status).type('text/plain; charset=utf-8').send(message);
}
