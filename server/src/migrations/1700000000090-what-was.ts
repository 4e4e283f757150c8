import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a deployment says of its end is read for years: it tells what was then, and not what is. */
export class WhatWas1700000000090 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      update deployments set message = regexp_replace(message, ' is live and healthy\\.$', ' went live and was healthy.')
      where message like '% is live and healthy.'`);
    await runner.query(`
      update history set details = jsonb_set(details, '{message}',
        to_jsonb(regexp_replace(details->>'message', ' is live and healthy\\.$', ' went live and was healthy.')))
      where thing = 'deployment' and details->>'message' like '% is live and healthy.'`);
  }

  async down(): Promise<void> {
    // The words of before say the same.
  }
}
