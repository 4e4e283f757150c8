import { createHmac, hkdfSync } from 'node:crypto';
import { validate } from 'uuid';
import type { Database } from '../../platform/database.js';
import { sameSecret } from '../../platform/secrets.js';

/**
 * Tokens with which an agent fetches the artifacts of an environment that lives on it. They follow from the installation's key and
 * nothing is stored; one is worth nothing any more once the environment has moved or no longer names the artifact.
 */
export class EnvironmentTokens {
  private readonly key: Uint8Array;

  constructor(
    private readonly database: Database,
    installationKey: Uint8Array,
  ) {
    // A key of its own: the installation's also encrypts secrets.
    this.key = new Uint8Array(hkdfSync('sha256', installationKey, '', 'slipway environment tokens', 32));
  }

  issue(agentId: string, environmentId: string): string {
    return `env.${environmentId}.${this.mac(agentId, environmentId)}`;
  }

  /** @returns null for a token of another kind */
  async mayFetch(token: string, digest: string): Promise<boolean | null> {
    const [kind, environmentId = '', mac] = token.split('.');
    if (kind !== 'env') return null;
    if (!validate(environmentId)) return false;
    const [environment] = await this.database.query<{ agentId: string }>(
      `select agent_id as "agentId" from environments where id = $1 and agent_id is not null
         and exists (select 1 from jsonb_array_elements(desired) r where r->'artifact'->>'digest' = $2)`,
      [environmentId, digest],
    );
    return environment !== undefined && sameSecret(mac, this.mac(environment.agentId, environmentId));
  }

  private mac(agentId: string, environmentId: string): string {
    return createHmac('sha256', this.key).update(`artifacts of environment ${environmentId} for agent ${agentId}`).digest('base64url');
  }
}
