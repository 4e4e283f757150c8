import type { MigrationInterface, QueryRunner } from 'typeorm';

export class LeftOutRefs1700000000161 implements MigrationInterface {
  readonly name = 'LeftOutRefs1700000000161';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('alter table mirrors add left_out text');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('alter table mirrors drop left_out');
  }
}
