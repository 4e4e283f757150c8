import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { Database } from '../../platform/database.js';

const PREFIX = 'slpe';
const UUID_HEX = 32;
const MAC_BYTES = 32;

/**
 * Tokens with which an agent fetches the artifacts of the environments that live on it. They hold environment and agent, sealed by
 * HMAC-SHA-256 under a key derived from the installation's, so that nothing is stored; what they open is asked of the database each
 * time, and ends with the environment or when it moves.
 */
export class ArtifactTokens {
  private readonly key: Uint8Array;

  constructor(
    private readonly database: Database,
    installationKey: Uint8Array,
  ) {
    this.key = new Uint8Array(hkdfSync('sha256', installationKey, '', 'slipway artifact tokens', MAC_BYTES));
  }

  make(agentId: string, environmentId: string): string {
    const body = compact(environmentId) + compact(agentId);
    return `${PREFIX}_${body}${this.macOf(body)}`;
  }

  /** Whether the token is good, and the digest that of a release which should be in that environment now. */
  async mayFetch(token: string, digest: string): Promise<boolean> {
    const held = this.read(token);
    if (!held) return false;
    const rows = await this.database.query(
      `select 1 from environments where id = $1 and agent_id = $2 and state = 'active' and desired @> jsonb_build_array(jsonb_build_object('artifact', jsonb_build_object('digest', $3::text)))`,
      [held.environmentId, held.agentId, digest],
    );
    return rows.length > 0;
  }

  private read(token: string): { environmentId: string; agentId: string } | null {
    const [, body = '', mac = ''] = /^slpe_([0-9a-f]{64})([\w-]{43})$/.exec(token) ?? [];
    const [given, expected] = [Buffer.from(mac), Buffer.from(this.macOf(body))];
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
    return { environmentId: body.slice(0, UUID_HEX), agentId: body.slice(UUID_HEX) };
  }

  private macOf(body: string): string {
    return createHmac('sha256', this.key).update(body).digest('base64url');
  }
}

/** Postgres reads a UUID without its hyphens too. */
const compact = (uuid: string): string => uuid.replaceAll('-', '');
