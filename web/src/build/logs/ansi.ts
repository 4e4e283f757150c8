import { inkOn, legible } from './ansi-ink.ts';

/**
 * Text as a terminal would show it, as plain data: spans with a style each. Nothing here becomes markup, so whatever a
 * job prints stays inert. Colours and weights (SGR) are kept; every other escape sequence is dropped, a carriage return
 * starts the line again, and control or direction-changing characters are shown as visible signs.
 */
export type Span = { text: string; className: string; color: string | null; background: string | null };

type Style = {
  fg: string | null;
  bg: string | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
};

const PLAIN: Style = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, strike: false, inverse: false };

/** Colours (the first alternative, with its parameters), then control sequences, titles and links, strings, and short escapes. */
const ESCAPE = new RegExp(
  [
    '\\x1b\\[([0-9;:]*)([@-~])',
    '\\x1b\\[[0-?]*[ -/]*[@-~]',
    '\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)?',
    '\\x1b[PX^_][^\\x1b]*(?:\\x1b\\\\)?',
    '\\x1b[ -/]*[0-~]?',
  ].join('|'),
  'g',
);
const CONTROLS = '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]';
const UNSAFE = new RegExp(CONTROLS, 'g');
/** A line without any of these needs no parsing. */
const SPECIAL = new RegExp(CONTROLS);

export function parseAnsi(line: string): Span[] {
  if (!SPECIAL.test(line)) return line === '' ? [] : [{ text: line, className: '', color: null, background: null }];
  const spans: Span[] = [];
  const style = { ...PLAIN };
  const shown = afterCarriageReturns(line);
  let at = 0;
  ESCAPE.lastIndex = 0;
  for (let match = ESCAPE.exec(shown); match; match = ESCAPE.exec(shown)) {
    push(spans, shown.slice(at, match.index), style);
    if (match[2] === 'm') applySgr(style, match[1] ?? '');
    at = match.index + match[0].length;
  }
  push(spans, shown.slice(at), style);
  return spans;
}

/** The text alone, for searching and for what is read aloud. */
export function stripAnsi(line: string): string {
  return SPECIAL.test(line) ? visible(afterCarriageReturns(line).replace(ESCAPE, '')) : line;
}

/** A progress bar draws itself again and again; what stands last is what is meant. */
function afterCarriageReturns(line: string): string {
  const trimmed = line.replace(/\r+$/, '');
  const at = trimmed.lastIndexOf('\r');
  return at < 0 ? trimmed : trimmed.slice(at + 1);
}

function push(spans: Span[], text: string, style: Style): void {
  if (text === '') return;
  const fg = style.inverse ? (style.bg ?? 'bg') : style.fg;
  const bg = style.inverse ? (style.fg ?? 'fg') : style.bg;
  const classes = [fg && named(fg) ? `ansi-${fg}` : '', bg && named(bg) ? `ansi-on-${bg}` : ''];
  for (const name of ['bold', 'dim', 'italic', 'underline', 'strike'] as const) if (style[name]) classes.push(`ansi-${name}`);
  spans.push({
    text: visible(text),
    className: classes.filter(Boolean).join(' '),
    color: inkOf(fg, bg),
    background: bg && !named(bg) ? bg : null,
  });
}

const named = (color: string) => !color.startsWith('rgb');

/** What the style sheet can't say: of text in, or on, a colour of the job's own choosing. On the sixteen all text has the log's colour. */
function inkOf(fg: string | null, bg: string | null): string | null {
  if (bg) return named(bg) ? null : inkOn(bg, fg && !named(fg) ? fg : null);
  return fg && !named(fg) ? legible(fg) : null;
}

/** Control characters as their pictures (␀ … ␟), direction marks as a sign that they are there. */
function visible(text: string): string {
  return text.replace(UNSAFE, (character) => {
    const code = character.charCodeAt(0);
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : code === 0x7f ? '\u2421' : '\ufffd';
  });
}

function applySgr(style: Style, parameters: string): void {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i] ?? 0;
    if (code === 38 || code === 48) {
      const [color, used] = extendedColor(codes, i + 1);
      if (code === 38) style.fg = color;
      else style.bg = color;
      i += used;
    } else applyCode(style, code);
  }
}

function applyCode(style: Style, code: number): void {
  if (code === 0) Object.assign(style, PLAIN);
  else if (code === 1) style.bold = true;
  else if (code === 2) style.dim = true;
  else if (code === 3) style.italic = true;
  else if (code === 4) style.underline = true;
  else if (code === 7) style.inverse = true;
  else if (code === 9) style.strike = true;
  else if (code === 22) style.bold = style.dim = false;
  else if (code === 23) style.italic = false;
  else if (code === 24) style.underline = false;
  else if (code === 27) style.inverse = false;
  else if (code === 29) style.strike = false;
  else if (code >= 30 && code <= 37) style.fg = String(code - 30);
  else if (code === 39) style.fg = null;
  else if (code >= 40 && code <= 47) style.bg = String(code - 40);
  else if (code === 49) style.bg = null;
  else if (code >= 90 && code <= 97) style.fg = String(code - 82);
  else if (code >= 100 && code <= 107) style.bg = String(code - 92);
}

/** `5;n` of the 256 colours or `2;r;g;b`; answers the colour and how many codes it took. */
function extendedColor(codes: number[], at: number): [string | null, number] {
  if (codes[at] === 5) return [indexedColor(codes[at + 1] ?? 0), 2];
  if (codes[at] === 2) return [rgb(codes[at + 1], codes[at + 2], codes[at + 3]), 4];
  return [null, 0];
}

function indexedColor(index: number): string | null {
  if (index < 16) return String(index);
  if (index > 255) return null;
  if (index >= 232) return rgb(8 + (index - 232) * 10, 8 + (index - 232) * 10, 8 + (index - 232) * 10);
  const level = (value: number) => (value === 0 ? 0 : 55 + value * 40);
  const cube = index - 16;
  return rgb(level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6));
}

function rgb(red = 0, green = 0, blue = 0): string {
  const byte = (value: number) => Math.min(255, Math.max(0, Math.trunc(value) || 0));
  return `rgb(${byte(red)} ${byte(green)} ${byte(blue)})`;
}
