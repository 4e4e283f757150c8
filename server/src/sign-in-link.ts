import pg from 'pg';
import { createSignInLink, signInPath } from './people/access/sign-in-link.js';

/**
 * Prints a new sign-in link of the administrator, for who may read the settings of the server: `DATABASE_URL`, and `SLIPWAY_PUBLIC_URL` or `PORT` for
 * the address. The server goes on meanwhile, so the schema is left as that one made it.
 */
async function printSignInLink({ DATABASE_URL: url, SLIPWAY_PUBLIC_URL: publicUrl, PORT: port }: NodeJS.ProcessEnv): Promise<void> {
  if (!url) throw new Error('DATABASE_URL is missing: set it to the database of the server.');
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    const query = async <T>(sql: string, parameters: unknown[] = []): Promise<T[]> => (await client.query(sql, parameters)).rows;
    const [admin] = await query<{ id: string }>('select id from users where is_admin order by id limit 1');
    if (!admin) throw new Error('There is no administrator yet: start Slipway once.');
    const address = publicUrl?.replace(/\/+$/, '') || `http://localhost:${port || 4000}`;
    process.stdout.write(`${address}${signInPath(await createSignInLink({ query }, admin.id))}\n`);
  } finally {
    await client.end();
  }
}

try {
  await printSignInLink(process.env);
} catch (error) {
  process.stderr.write(`No sign-in link could be made. ${error instanceof Error ? error.message : error}\n`);
  process.exitCode = 1;
}
