import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import type { DeploymentProgress, DesiredEnvironment, Observed, ObservedReply } from '@slipway/protocol';
import type { SampleArtifact } from './sample-release.js';

export const ARTIFACT_TOKEN = 'artifact-token';

/** The server's side as a deploy agent sees it: artifacts over HTTP, and the two requests (over HTTP too, for agents in other processes). */
export class FakeServer {
  readonly observed: Observed[] = [];
  desired: DesiredEnvironment | null = null;
  /** Answers each report, as the state machine of deployments would. */
  deployment: (observed: Observed) => DeploymentProgress | null = () => null;
  downloads = 0;
  private readonly server = createServer((request, response) => void this.handle(request, response));

  constructor(private readonly artifact: SampleArtifact) {}

  async start(): Promise<void> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as { port: number }).port}`;
  }

  request = async (verb: string, payload: unknown): Promise<ObservedReply> => {
    if (verb === 'desired') return { desired: this.desired, deployment: null };
    const observed = payload as Observed;
    this.observed.push(observed);
    const deployment = this.deployment(observed); // may decide on a new desired state
    return { desired: this.desired && this.desired.generation > observed.generation ? this.desired : null, deployment };
  };

  last(): Observed | undefined {
    return this.observed.at(-1);
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const verb = request.url?.match(/^\/requests\/(\w+)$/)?.[1];
    if (verb) return void response.end(JSON.stringify(await this.request(verb, await json(request))));
    const allowed = request.headers.authorization === `Bearer ${ARTIFACT_TOKEN}`;
    if (request.url !== `/api/agent/artifacts/${this.artifact.digest}` || !allowed)
      return void response.writeHead(404).end('no such artifact');
    this.downloads++;
    response.end(this.artifact.bytes);
  }
}
