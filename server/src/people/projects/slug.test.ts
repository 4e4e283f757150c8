import { expect, it } from 'vitest';
import { checkSlug } from './slug.js';

it.each(['a', 'hello', 'hello-2', '0', 'a'.repeat(64)])('takes %s', (name) => {
  expect(() => checkSlug('project', name)).not.toThrow();
});

it.each(['', 'A', '-a', 'a-', 'a_b', 'a b', 'ä', '../x', 'a'.repeat(65), 'new', 'git', '018f0000-0000-7000-8000-000000000000'])(
  'refuses %j',
  (name) => {
    expect(() => checkSlug('project', name)).toThrow(/can't be the name of a project/);
  },
);

it('proposes the nearest name that it would take', () => {
  expect(() => checkSlug('repository', 'My Shop (EU)')).toThrow(/Try "my-shop-eu"/);
  expect(() => checkSlug('repository', '???')).toThrow(/Choose another name/);
});
