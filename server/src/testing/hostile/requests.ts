import { HOSTILE_NUMBERS, HOSTILE_TEXTS } from './texts.js';

const ODD: readonly unknown[] = [
  ...[
    null,
    true,
    [],
    {},
    [null],
    { a: [] },
    '',
    'a\0b',
    '\ud800',
    'x'.repeat(100_000),
    '2026-13-45',
    'infinity',
    '019c0000-0000-7000-8000-000000000000',
  ],
  ...[...HOSTILE_NUMBERS, 2 ** 53, -(2 ** 53)],
  ...HOSTILE_TEXTS.slice(10, 16),
];

/** Copies of a message, each with something odd in one place, or with one thing missing. Every place has its turn, each with some of what is odd. */
export function* withOddPlaces<T>(message: T, each: number, below: (limit: number) => number): Generator<T> {
  for (const place of placesIn(message)) {
    for (let n = 0; n < each; n++) yield changed(message, place, ODD[below(ODD.length)]);
    yield changed(message, place, undefined);
  }
}

type Place = readonly (string | number)[];

function placesIn(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [[]];
  return [[], ...Object.entries(value).flatMap(([key, inner]) => placesIn(inner).map((rest) => [key, ...rest]))];
}

/** undefined: taken out. */
function changed<T>(message: T, [key, ...rest]: Place, odd: unknown): T {
  if (key === undefined) return odd as T;
  const copy = (Array.isArray(message) ? [...message] : { ...message }) as Record<string | number, unknown>;
  copy[key] = changed(copy[key], rest, odd);
  return copy as T;
}
