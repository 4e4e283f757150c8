import { describe, expect, it } from 'vitest';
import { processorMs } from '../../testing/processor-time.js';
import { checkJson } from './json-input.js';

const nested = (depth: number): unknown => JSON.parse(`${'['.repeat(depth)}${']'.repeat(depth)}`);
const codeOf = (value: unknown): string | undefined => {
  try {
    checkJson(value);
    return undefined;
  } catch (error) {
    return (error as { code: string }).code;
  }
};

describe('JSON of callers', () => {
  it.each([null, 1, 'ü 🏃', { a: { b: [1, 'x', null] } }, nested(30), Array(19_000).fill(0)])('takes what calls need', (value) => {
    expect(codeOf(value)).toBeUndefined();
  });

  it.each([
    ['too_deep', nested(100_000)],
    ['too_many_values', Array(100_000).fill(0)],
    ['too_many_values', { a: Array(150).fill(Array(150).fill(0)) }],
    ['bad_text', ['\ud83c']],
    ['bad_text', { '\udfc3': 1 }],
    ['bad_text', { a: 'x\0y' }],
    ['bad_key', JSON.parse('{"a": [{"__proto__": {"isAdmin": true}}]}')],
  ])('refuses with %s what nothing needs', (code, value) => {
    const startedAt = processorMs();
    expect(codeOf(value)).toBe(code);
    expect(processorMs() - startedAt).toBeLessThan(50);
  });
});
