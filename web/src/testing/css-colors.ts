/** Colours as a browser computes them from style sheets, as far as the page's own use them; `[r, g, b]`, 0 to 1. */
export type Rgb = [number, number, number];

/** @param vars values of custom properties, without their dashes in front: `text-muted` */
export function computeColor(css: string, vars: ReadonlyMap<string, string>, ground: Rgb): Rgb {
  const text = css.trim();
  const compute = (part: string) => computeColor(part, vars, ground);
  const variable = /^var\(--([\w-]+)(?:,\s*(.+))?\)$/.exec(text);
  if (variable) return compute(vars.get(variable[1] ?? '') ?? variable[2] ?? '');
  if (text === 'transparent') return ground;
  if (/^#[0-9a-f]{6}$/i.test(text)) return [1, 3, 5].map((at) => Number.parseInt(text.slice(at, at + 2), 16) / 255) as Rgb;
  if (/^#[0-9a-f]{3}$/i.test(text)) return [1, 2, 3].map((at) => Number.parseInt(text.charAt(at), 16) / 15) as Rgb;
  const bytes = /^rgb\((\d+) (\d+) (\d+)\)$/.exec(text);
  if (bytes) return bytes.slice(1).map((byte) => Number(byte) / 255) as Rgb;
  const mix = /^color-mix\(in (srgb|oklab), (.+) (\d+)%, (.+)\)$/.exec(text);
  if (mix) {
    const [, space, first = '', percent, second = ''] = mix;
    const mixed = (a: Rgb, b: Rgb) =>
      a.map((value, i) => value * (Number(percent) / 100) + (b[i] ?? 0) * (1 - Number(percent) / 100)) as Rgb;
    return space === 'srgb' ? mixed(compute(first), compute(second)) : fromOklab(mixed(toOklab(compute(first)), toOklab(compute(second))));
  }
  const clamped = /^oklch\(from (.+) clamp\(var\(--([\w-]+)\), l, var\(--([\w-]+)\)\) calc\(c \* ([\d.]+)\) h\)$/.exec(text);
  if (clamped) {
    const [lightness, a, b] = toOklab(compute(clamped[1] ?? ''));
    const bound = (name = '') => Number(vars.get(name));
    const chroma = Number(clamped[4]);
    return fromOklab([Math.min(bound(clamped[3]), Math.max(bound(clamped[2]), lightness)), a * chroma, b * chroma]);
  }
  throw new Error(`No colour that is known here: ${text}`);
}

/** As WCAG 2 defines it. */
export function contrastOf(a: Rgb, b: Rgb): number {
  const [lighter = 0, darker = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (lighter + 0.05) / (darker + 0.05);
}

const luminance = (color: Rgb): number => {
  const [red, green, blue] = color.map(linear) as Rgb;
  return red * 0.2126 + green * 0.7152 + blue * 0.0722;
};
const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
const gamma = (value: number): number => (value <= 0.0031308 ? value * 12.92 : 1.055 * value ** (1 / 2.4) - 0.055);

/* The matrices of CSS Color 4. */
function toOklab(color: Rgb): Rgb {
  const [r, g, b] = color.map(linear) as Rgb;
  const l = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const m = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const s = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * l + 0.793617785 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.428592205 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.808675766 * s,
  ];
}

function fromOklab([lightness, a, b]: Rgb): Rgb {
  const l = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const m = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const s = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3;
  const channels = [
    4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s,
    -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s,
    -0.0041960863 * l - 0.7034186147 * m + 1.707614701 * s,
  ];
  return channels.map((value) => gamma(Math.min(1, Math.max(0, value)))) as Rgb;
}
