import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../testing/database.js';
import { isStorableText, jsonb, storableText } from './storable.js';

const PIECES = ['a', 'é', '🚀', '👩‍🚀', '\ud83d', '\ude80', '\0', '\\', '"', '\\u0000', '\\ud800', '\n', '\x1f', '\uffff'];

/** The same values at every run: a linear congruential generator (Numerical Recipes). */
class Values {
  private seed = 7;

  below(most: number): number {
    this.seed = (this.seed * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return Math.floor((this.seed / 2 ** 32) * most);
  }

  text(): string {
    return Array.from({ length: this.below(8) }, () => PIECES[this.below(PIECES.length)]).join('');
  }

  tree(depth: number): unknown {
    switch (this.below(depth > 0 ? 6 : 4)) {
      case 0:
        return this.below(1_000) - 500;
      case 1:
        return this.below(2) === 0 ? null : true;
      case 4:
        return Array.from({ length: this.below(4) }, () => this.tree(depth - 1));
      case 5:
        return Object.fromEntries(Array.from({ length: this.below(4) }, () => [this.text(), this.tree(depth - 1)]));
      default:
        return this.text();
    }
  }
}

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.close());

describe('foreign text', () => {
  it('is taken by Postgres whatever it is, as a text, in a list, and in jsonb, keys included', async () => {
    const values = new Values();
    for (let n = 0; n < 500; n++) {
      const [text, list, tree] = [values.text(), [values.text(), values.text()], values.tree(3)];
      const [row] = await database.query<{ text: string; list: string[]; tree: unknown }>(
        'select $1::text as text, $2::text[] as list, $3::jsonb as tree',
        [text, list, jsonb(tree)],
      );
      expect(row?.text).toBe(storableText(text));
      expect(row?.list).toEqual(list.map(storableText));
      expect(row?.tree).toEqual(JSON.parse(jsonb(tree)));
    }
  });

  it('stays as it is where Postgres takes it', () => {
    const values = new Values();
    for (let n = 0; n < 2_000; n++) {
      const text = values.text();
      expect(storableText(text) === text).toBe(isStorableText(text));
      if (isStorableText(text)) expect(jsonb({ [text]: [text] })).toBe(JSON.stringify({ [text]: [text] }));
      expect(JSON.parse(jsonb({ [text]: [text] }))).toEqual({ [storableText(text)]: [storableText(text)] });
    }
  });

  it('is taken into the outbox, too', async () => {
    await database.transaction(async (tx) => tx.publish('s\0', { '\0': '\ud800', text: '\\u0000' }, 'id\ud800'));
    const [row] = await database.query('select subject, payload, message_id from outbox');
    expect(row).toEqual({ subject: 's\ufffd', payload: { '\ufffd': '\ufffd', text: '\\u0000' }, message_id: 'id\ufffd' });
  });
});
