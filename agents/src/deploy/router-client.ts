import { request as openRequest } from 'node:http';
import { type EnvironmentRoutes, RoutedEnvironment, RouterRefusal } from '@slipway/protocol';

/** The router refused; `code` is one of the protocol. */
export class RoutesRefused extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export class RouterUnreachable extends Error {}

const TIMEOUT_MS = 10_000;

/** Speaks to the router beside this agent; see routes.ts of the protocol. Every call may be repeated. */
export class RouterClient {
  constructor(private readonly socketPath: string) {}

  async put(environmentId: string, routes: EnvironmentRoutes): Promise<RoutedEnvironment> {
    return RoutedEnvironment.parse(await this.ask('PUT', environmentId, routes));
  }

  /** Null when the router knows nothing of it. */
  async read(environmentId: string): Promise<RoutedEnvironment | null> {
    try {
      return RoutedEnvironment.parse(await this.ask('GET', environmentId));
    } catch (error) {
      if (error instanceof RoutesRefused && error.code === 'not_routed') return null;
      throw error;
    }
  }

  async remove(environmentId: string): Promise<void> {
    await this.ask('DELETE', environmentId);
  }

  /** Ends everything that the router still has open at an instance that is no longer listed. A refusal means that there is nothing to end. */
  async cut(environmentId: string, instanceId: string): Promise<void> {
    try {
      await this.ask('DELETE', `${environmentId}/instances/${instanceId}`);
    } catch (error) {
      if (!(error instanceof RoutesRefused)) throw error;
    }
  }

  private async ask(method: string, path: string, body?: unknown): Promise<unknown> {
    const { status, text } = await this.send(method, `/environments/${path}`, body === undefined ? '' : JSON.stringify(body));
    const answer: unknown = text === '' ? null : JSON.parse(text);
    if (status < 300) return answer;
    const { code, message } = RouterRefusal.parse(answer).error;
    throw new RoutesRefused(code, message);
  }

  private send(method: string, path: string, body: string): Promise<{ status: number; text: string }> {
    return new Promise((resolve, reject) => {
      const unreachable = (error: Error) =>
        reject(new RouterUnreachable(`The router can't be reached at ${this.socketPath}: ${error.message}.`));
      const asking = openRequest({ socketPath: this.socketPath, method, path, agent: false, timeout: TIMEOUT_MS }, (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
        });
        answer.once('end', () => resolve({ status: answer.statusCode ?? 500, text }));
        answer.once('error', unreachable);
      });
      asking.once('timeout', () => asking.destroy(new Error('it does not answer')));
      asking.once('error', unreachable);
      asking.end(body);
    });
  }
}
