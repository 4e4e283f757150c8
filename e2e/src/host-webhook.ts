import { createHmac, randomUUID } from 'node:crypto';

export type PullRequestAtHost = {
  number: number;
  headSha: string;
  branch: string;
  action: 'opened' | 'synchronize' | 'closed';
  /** owner/name of the fork that the branch is in. */
  fork?: string;
};

/** Calls a webhook as GitHub does. */
export class HostWebhook {
  constructor(
    private readonly address: string,
    private readonly secret: string,
    private readonly repositoryName = 'acme/app',
  ) {}

  private get repository() {
    return { id: 1, full_name: this.repositoryName, clone_url: `https://host.test/${this.repositoryName}.git`, fork: false };
  }

  push(branch: string): Promise<Response> {
    return this.deliver('push', {
      ref: `refs/heads/${branch}`,
      repository: this.repository,
      before: '1'.repeat(40),
      after: '2'.repeat(40),
    });
  }

  pullRequest({ number, headSha, branch, action, fork }: PullRequestAtHost): Promise<Response> {
    const now = new Date().toISOString();
    const source = {
      id: fork ? 2 : 1,
      full_name: fork ?? this.repositoryName,
      clone_url: 'https://host.test/acme/app.git',
      fork: fork !== undefined,
    };
    return this.deliver('pull_request', {
      action,
      number,
      repository: this.repository,
      pull_request: {
        number,
        title: `Change ${number}`,
        html_url: `https://host.test/acme/app/pull/${number}`,
        state: action === 'closed' ? 'closed' : 'open',
        merged: false,
        user: { login: 'grace' },
        head: { ref: branch, sha: headSha, repo: source },
        base: { ref: 'main', sha: '1'.repeat(40), repo: this.repository },
        created_at: now,
        updated_at: now,
      },
    });
  }

  deliver(
    event: string,
    payload: object,
    { secret = this.secret, id = randomUUID() }: { secret?: string; id?: string } = {},
  ): Promise<Response> {
    const body = JSON.stringify(payload);
    return fetch(this.address, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-github-event': event,
        'x-github-delivery': id,
        'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
      },
      body,
    });
  }
}
