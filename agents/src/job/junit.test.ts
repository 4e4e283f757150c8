import { describe, expect, it } from 'vitest';
import { parseJunit } from './junit.js';

describe('JUnit XML', () => {
  it('is read with nested suites, files, skipped cases, errors and what was printed', () => {
    const cases = parseJunit(`<?xml version="1.0"?><testsuites><testsuite name="outer" file="a.test.ts"><testsuite name="inner">
      <testcase classname="Calc" name="adds &amp; more" time="1,234.5"/>
      <testcase name="skips"><skipped message="not today"/></testcase>
      <testcase name="breaks"><error type="E">boom<![CDATA[ <at> line 1]]></error><system-out>printed</system-out></testcase>
    </testsuite></testsuite></testsuites>`);
    expect(cases).toEqual([
      { suite: 'Calc', name: 'adds & more', file: 'a.test.ts', state: 'passed', durationMs: 1_234_500, message: null, output: null },
      { suite: 'inner', name: 'skips', file: 'a.test.ts', state: 'skipped', durationMs: null, message: 'not today', output: null },
      {
        suite: 'inner',
        name: 'breaks',
        file: 'a.test.ts',
        state: 'failed',
        durationMs: null,
        message: 'boom <at> line 1',
        output: 'boom <at> line 1\n\nprinted',
      },
    ]);
  });

  it('may be empty', () => {
    expect(parseJunit('<testsuites/>')).toEqual([]);
    expect(parseJunit('<testsuite name="x"></testsuite>')).toEqual([]);
  });

  it.each([
    ['', 'empty'],
    ['<html><body/></html>', 'something else'],
    ['<testsuite><testcase></testsuite>', 'cut off'],
    ['{"json": 1}', 'not XML'],
  ])('is refused when it is %s', (xml) => {
    expect(() => parseJunit(xml)).toThrow();
  });

  it('keeps no more than 64 KiB of output, and does not grow by entities', () => {
    const [long] = parseJunit(`<testsuite><testcase name="x"><failure>${'é'.repeat(100_000)}</failure></testcase></testsuite>`);
    expect(Buffer.byteLength(long?.output ?? '')).toBeLessThanOrEqual(65_536);
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(1000)}"><!ENTITY c "${'&a;'.repeat(1000)}">]><testsuite><testcase name="&c;&c;"/></testsuite>`;
    const grown = (): number => JSON.stringify(parseJunit(bomb)).length;
    expect(() => {
      if (grown() > 20_000) throw new Error('grown');
    }).not.toThrow('grown');
  });
});
