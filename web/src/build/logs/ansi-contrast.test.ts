import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { computeColor, contrastOf, type Rgb } from '../../testing/css-colors.ts';
import { parseAnsi, type Span } from './ansi.ts';

const ESC = '\u001b';
const read = (file: string) => readFileSync(join(import.meta.dirname, file), 'utf8');
const TOKENS = read('../../app/theme/tokens.css');
const ANSI = read('ansi.css');
const LOG = read('LogView.module.css');
const JOBS = read('../jobs/jobs.module.css');

type Scheme = 'light' | 'dark';

function varsOf(scheme: Scheme): Map<string, string> {
  const vars = new Map<string, string>();
  for (const css of [TOKENS, ANSI])
    for (const [, selector = '', body = ''] of css.matchAll(/(:root|\[data-mantine-color-scheme="dark"\]) \{([^}]*)\}/g))
      if (selector === ':root' || scheme === 'dark')
        for (const [, name = '', value = ''] of body.matchAll(/--([\w-]+): ([^;]+);/g)) vars.set(name, value);
  return vars;
}

const RULES = new Map<string, string>();
for (const css of [ANSI, LOG, JOBS])
  for (const [, selectors = '', body = ''] of css.replace(/\/\*.*?\*\//gs, '').matchAll(/([^{}]+)\{([^{}]*)\}/g))
    for (const selector of selectors.split(','))
      for (const [, property = '', value = ''] of body.matchAll(/([\w-]+): ([^;]+);/g)) {
        const key = `${selector.trim()} ${property}`;
        if (!RULES.has(key)) RULES.set(key, value);
      }

/** By the first rule of exactly this selector that says it. */
function declared(selector: string, property: string): string {
  const value = RULES.get(`${selector} ${property}`);
  if (value === undefined) throw new Error(`${selector} says no ${property}.`);
  return value;
}

/** Whatever stands behind text of a job. */
const GROUNDS: [name: string, css: string][] = [
  ['the pane', declared('.view', 'background')],
  ['a line under the mouse', declared('.line:hover', 'background')],
  ['an error', declared('.line[data-tone="error"]', 'background')],
  ['a chosen line', declared('.line[data-selected]', 'background')],
  ['what a failed test says', declared('.message', 'background')],
  ['what a failed test printed', declared('.output', 'background')],
];

/** Colours of a span's text and of its own background, as the style sheet and its inline style together have them. */
function coloursOf(span: Span, vars: Map<string, string>, ground: Rgb): { ink: Rgb; on: Rgb } {
  const classes = span.className.split(' ');
  const fg = classes.find((each) => /^ansi-\d+$/.test(each));
  const onto = classes.find((each) => each.startsWith('ansi-on-'));
  vars.delete('ink');
  if (fg) vars.set('ink', declared(`.${fg}`, '--ink'));
  const rule = onto
    ? declared('[class*="ansi-on-"]', 'color')
    : classes.includes('ansi-bg')
      ? declared('.ansi-bg', 'color')
      : classes.includes('ansi-dim')
        ? declared('.ansi-dim', 'color')
        : declared('[class*="ansi-"]', 'color').replace('inherit', 'var(--text)');
  const background = span.background ?? (onto ? declared(`.${onto}`, 'background') : null);
  return {
    ink: computeColor(span.color ?? rule, vars, ground),
    on: background ? computeColor(background, vars, ground) : ground,
  };
}

const SIXTEEN = [...Array(8).keys()].flatMap((n) => [n, n + 60]);
const byte = (n: number) => n * 51;
const CUBE = [...Array(216).keys()].map((n) => [byte(Math.floor(n / 36)), byte(Math.floor(n / 6) % 6), byte(n % 6)].join(';'));
const FOREGROUNDS = [
  '39',
  ...SIXTEEN.map((n) => `${n + 30}`),
  ...[...Array(240).keys()].map((n) => `38;5;${n + 16}`),
  ...CUBE.map((rgb) => `38;2;${rgb}`),
];
const FEW = ['39', '31', '37', '90', '97', '38;2;255;0;0', '38;2;0;0;0', '38;2;255;255;255', '38;2;120;120;120'];
const BACKGROUNDS = ['49', ...SIXTEEN.map((n) => `${n + 40}`), ...CUBE.map((rgb) => `48;2;${rgb}`)];
const WEIGHTS = ['22', '1', '2', '1;2', '3', '4', '9'];

function faint(codes: string[], scheme: Scheme): string[] {
  const vars = varsOf(scheme);
  const pane = computeColor('var(--surface-sunken)', vars, [0, 0, 0]);
  const grounds = GROUNDS.map(([name, css]) => [name, computeColor(css, vars, pane)] as const);
  return codes.flatMap((code) => {
    const [span] = parseAnsi(`${ESC}[${code}mx`);
    return grounds.flatMap(([name, ground]) => {
      const { ink, on } = coloursOf(span as Span, vars, ground);
      const contrast = contrastOf(ink, on);
      return contrast < 4.5 ? [`${code} on ${name}: ${contrast.toFixed(2)}`] : [];
    });
  });
}

describe.each<Scheme>(['light', 'dark'])('text of jobs, %s', (scheme) => {
  it('can be read in every colour and weight on every ground', () => {
    expect(
      faint(
        FOREGROUNDS.flatMap((fg) => WEIGHTS.map((weight) => `${weight};${fg}`)),
        scheme,
      ),
    ).toEqual([]);
  });

  it('can be read on every background of its own, and inverse', () => {
    const pairs = BACKGROUNDS.flatMap((bg) => FEW.map((fg) => `${bg};${fg}`));
    expect(faint([...pairs, ...pairs.map((pair) => `2;${pair}`), ...pairs.map((pair) => `7;${pair}`)], scheme)).toEqual([]);
  });

  it('can be read where the page says something of its own', () => {
    const vars = varsOf(scheme);
    const pane = computeColor('var(--surface-sunken)', vars, [0, 0, 0]);
    const own: [string, string][] = GROUNDS.slice(0, 4).map(([, css]) => [css, 'var(--text-muted)']);
    own.push([declared('.line[data-selected] .number', 'background'), declared('.line[data-selected] .number', 'color')]);
    own.push([declared('.line[data-tone="error"] .number', 'background'), declared('.line[data-tone="error"] .number', 'color')]);
    for (const [ground, ink] of own)
      expect(contrastOf(computeColor(ink, vars, pane), computeColor(ground, vars, pane)), `${ink} on ${ground}`).toBeGreaterThanOrEqual(
        4.5,
      );
  });

  it('is measured: what is too faint is found', () => {
    expect(contrastOf([1, 1, 1], [0, 0, 0])).toBeCloseTo(21);
    expect(contrastOf(computeColor('#767676', new Map(), [0, 0, 0]), [1, 1, 1])).toBeCloseTo(4.54, 2);
    expect(computeColor('color-mix(in oklab, #ff0000 100%, #000000)', new Map(), [0, 0, 0])[0]).toBeCloseTo(1, 3);
  });
});
