import type { Database } from '../../platform/database.js';
import { newId } from '../../platform/ids.js';
import { createToken } from './token.js';

const ADMIN = { name: 'Admin', email: 'admin@slipway.local' };
/** One for all servers: two that start at once make one administrator. */
const LOCK = 7_391_001;

/**
 * The administrator of a new installation, and its token when one was given. Repeated at every start: finds what is there.
 * The given token counts at the first start alone, so that a revoked one doesn't come back.
 */
export function ensureAdmin(database: Database, adminToken: string | null): Promise<{ userId: string; created: boolean }> {
  return database.transaction(async (tx) => {
    await tx.query('select pg_advisory_xact_lock($1)', [LOCK]);
    const [admin] = await tx.query<{ id: string }>('select id from users where is_admin order by id limit 1');
    if (admin) return { userId: admin.id, created: false };
    const userId = newId();
    await tx.query('insert into users (id, name, email, is_admin) values ($1, $2, $3, true)', [userId, ADMIN.name, ADMIN.email]);
    if (adminToken) await createToken(tx, { userId, name: 'SLIPWAY_ADMIN_TOKEN', expiresInDays: null, secret: adminToken });
    return { userId, created: true };
  });
}
