import { describe, expect, it } from 'vitest';
import { durationMs, JunitReader, type ReportFault, type TestCase } from './junit.ts';
import { xmlDecoder } from './xml-text.ts';

function read(xml: string, chunk = 7): { cases: TestCase[]; fault: ReportFault | null } {
  const cases: TestCase[] = [];
  const reader = new JunitReader((each) => cases.push(each));
  for (let at = 0; at < xml.length; at += chunk) if (!reader.write(xml.slice(at, at + chunk))) break;
  return { cases, fault: reader.end() };
}
const aCase = (more: Partial<TestCase>) => expect.objectContaining(more);

describe('JUnit XML', () => {
  it('is read with nested suites, files, skipped cases, errors and what was printed', () => {
    const { cases, fault } = read(`<?xml version="1.0"?><testsuites><testsuite name="outer" file="a.test.ts"><testsuite name="inner">
      <testcase classname="Calc" name="adds &amp; more" time="1,234.5"/>
      <testcase name="skips"><skipped message="not today"/></testcase>
      <testcase name="breaks"><error type="E">boom<![CDATA[ <at> line 1]]></error><system-out>printed</system-out></testcase>
    </testsuite></testsuite></testsuites>`);
    expect(fault).toBeNull();
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
    expect(read('<testsuites/>')).toEqual({ cases: [], fault: null });
    expect(read('<testsuite name="x"></testsuite>')).toEqual({ cases: [], fault: null });
  });

  it.each(['notrun', 'disabled', 'skipped', 'NotRun'])('says by status %s that a case was skipped', (status) => {
    expect(read(`<testsuite><testcase name="x" status="${status}"/></testsuite>`).cases).toEqual([aCase({ state: 'skipped' })]);
  });

  it('knows what GoogleTest and CTest say of cases', () => {
    const { cases } =
      read(`<testsuite><testcase name="a" status="run" result="completed"/><testcase name="b" status="notrun" result="suppressed"/>
      <testcase name="c" status="fail"/><testcase name="d" status="run" result="skipped"/></testsuite>`);
    expect(cases.map(({ state }) => state)).toEqual(['passed', 'skipped', 'failed', 'skipped']);
  });

  it('tells of errors of a suite itself', () => {
    const { cases } = read(`<testsuites><testsuite name="db"><error message="no connection">stack</error><testcase name="x"/></testsuite>
      <testsuite name="broken" tests="0" errors="1" failures="0"/></testsuites>`);
    expect(cases).toEqual([
      aCase({ suite: 'db', name: '(the suite itself)', state: 'failed', message: 'no connection', output: 'stack' }),
      aCase({ name: 'x', state: 'passed' }),
      aCase({ suite: 'broken', state: 'failed', message: expect.stringContaining('counts 1 errors') }),
    ]);
  });

  it.each([
    ['', 1, 'no <testsuites>'],
    ['<html><body/></html>', 1, 'no <testsuites>'],
    ['{"json": 1}', 1, 'no <testsuites>'],
    ['<testsuite>\n<testcase name="a"/>\n<testcase></testsuite>', 3, 'tag'],
    ['<testsuite>\n<testcase name="a"/>\n<testc', 3, ''],
    ['<testsuite>\n<testcase name="a"/>\n&nbsp;</testsuite>', 3, 'entity'],
    ['<testsuite>\n<testcase name="a"/>\u001b[31m</testsuite>', 2, 'character'],
  ])('that is broken (%j) names the line, and what could be read counts', (xml, line, why) => {
    const { cases, fault } = read(xml);
    expect(fault).toMatchObject({ line, why: expect.stringContaining(why) });
    if (xml.startsWith('<testsuite>')) expect(cases[0]).toMatchObject({ name: 'a' });
  });

  it('goes on behind control characters, which tools write raw', () => {
    const { cases, fault } = read(
      '<testsuite><testcase name="a"><failure>\u001b[31mred\u0000</failure></testcase><testcase name="b"/></testsuite>',
    );
    expect(cases).toEqual([aCase({ output: expect.stringContaining('red') }), aCase({ name: 'b' })]);
    expect(fault?.more).toBe(1);
  });

  it('decodes entities of XML and numbered ones, and no others', () => {
    const { cases } = read('<testsuite><testcase name="&lt;&#65;&#x1F600;&quot;&gt;"/></testsuite>');
    expect(cases).toEqual([aCase({ name: '<A😀">' })]);
    const bomb = `<!DOCTYPE x [<!ENTITY a "${'b'.repeat(1000)}"><!ENTITY c "${'&a;'.repeat(1000)}"><!ENTITY f SYSTEM "file:///etc/passwd">]>
      <testsuite><testcase name="&c;&c;&f;"/></testsuite>`;
    expect(JSON.stringify(read(bomb)).length).toBeLessThan(1_000);
  });

  it('keeps no more than 64 KiB of output and whole characters, in little memory', () => {
    const { cases } = read(`<testsuite><testcase name="x"><failure>${'é'.repeat(100_000)}</failure></testcase></testsuite>`, 65_536);
    expect(Buffer.byteLength(cases[0]?.output ?? '')).toBeLessThanOrEqual(65_536);
    expect(cases[0]?.output).toMatch(/^é+$/);
    const reader = new JunitReader((each) => cases.push(each));
    reader.write('<testsuite><testcase name="long"><system-out><![CDATA[');
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < 3_000; i++) reader.write('x'.repeat(65_536));
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(80 * 1024 ** 2);
    reader.write(']]></system-out></testcase><testcase name="next"/></testsuite>');
    expect(reader.end()).toBeNull();
    expect(cases.map(({ name }) => name)).toEqual(['x', 'long', 'next']);
  });

  it.each([
    ['nested', '<testsuite>'.repeat(2_000)],
    ['attributes', `<testsuite ${Array.from({ length: 2_000 }, (_, n) => `a${n}="x"`).join(' ')}>`],
    ['name', `<testsuite><${'x'.repeat(200_000)}`],
    ['name', `<testsuite>&${'x'.repeat(200_000)}`],
  ])('is read no further when it would fill the memory (%s)', (why, xml) => {
    const { cases, fault } = read(`<testsuite><testcase name="a"/></testsuite>${xml}`.replace('</testsuite><', '<'), 1_000);
    expect(fault?.why).toContain(why);
    expect(cases).toEqual([aCase({ name: 'a' })]);
  });

  it.each<[string, number | null]>([
    ['0.123', 123],
    ['0,123', 123],
    ['1,234.5', 1_234_500],
    ['1.234,5', 1_234_500],
    ['1,234,567', 1_234_567_000],
    ['12', 12_000],
    ['.5', 500],
    ['1e-05', 0],
    ['1.2E1', 12_000],
    [' 1 ', 1_000],
    ['', null],
    ['-1', null],
    ['1e99', null],
    ['Infinity', null],
    ['1 s', null],
  ])('has times such as %j: %s ms', (text, ms) => {
    expect(durationMs(text)).toBe(ms);
  });

  it.each<[string, Buffer]>([
    ['UTF-8', Buffer.from('<a>é日</a>')],
    ['UTF-8 with a mark', Buffer.from('\ufeff<a>é日</a>')],
    ['UTF-16', Buffer.from('\ufeff<?xml version="1.0" encoding="UTF-16"?><a>é日</a>', 'utf16le')],
    ['UTF-16 without a mark', Buffer.from('<?xml version="1.0" encoding="UTF-16"?><a>é日</a>', 'utf16le')],
    ['big-endian UTF-16', Buffer.from('\ufeff<a>é日</a>', 'utf16le').swap16()],
    ['what is called UTF-16 and is not', Buffer.from('<?xml version="1.0" encoding="utf-16"?><a>é日</a>')],
  ])('may be %s', (_, bytes) => {
    expect(xmlDecoder(bytes.subarray(0, 200)).decode(bytes)).toContain('<a>é日</a>');
  });

  it('may be in the encoding that it declares', () => {
    const bytes = Buffer.from('<?xml version="1.0" encoding="ISO-8859-1"?><a>\xe9</a>', 'latin1');
    expect(xmlDecoder(bytes).decode(bytes)).toContain('<a>é</a>');
    expect(() => xmlDecoder(Buffer.from('<?xml version="1.0" encoding="klingon"?>'))).toThrow('"klingon" is not supported');
  });
});
