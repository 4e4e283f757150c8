import type { MigrationInterface, QueryRunner } from 'typeorm';

const BEFORE = `'github', 'gitlab', 'gitea', 'bitbucket', 'bitbucket_server', 'other'`;

export class AzureDevops1700000000170 implements MigrationInterface {
  readonly name = 'AzureDevops1700000000170';

  async up(runner: QueryRunner): Promise<void> {
    await allow(runner, `${BEFORE}, 'azure_devops'`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`update mirrors set host = 'other' where host = 'azure_devops'`);
    await allow(runner, BEFORE);
  }
}

async function allow(runner: QueryRunner, hosts: string): Promise<void> {
  await runner.query('alter table mirrors drop constraint mirrors_host_check');
  await runner.query(`alter table mirrors add constraint mirrors_host_check check (host in (${hosts}))`);
}
