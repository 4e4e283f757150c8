/** Colours that jobs choose themselves, `rgb(r g b)`, made such that they can be read. */

const ENOUGH_CONTRAST = 4.5;

/** A colour for text on the log's own ground: its hue, as light or dark as the scheme of the page needs it. */
export const legible = (color: string): string =>
  `oklch(from ${color} clamp(var(--ansi-darkest), l, var(--ansi-lightest)) calc(c * 0.8) h)`;

/** For text on a background: the colour that was asked for if it can be read there, else black or white. */
export function inkOn(background: string, asked: string | null): string {
  const ground = luminance(background);
  if (asked && contrast(luminance(asked), ground) >= ENOUGH_CONTRAST) return asked;
  return contrast(0, ground) > contrast(1, ground) ? '#000' : '#fff';
}

/** As WCAG 2 defines both. */
function luminance(color: string): number {
  const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((byte) => linear(Number(byte) / 255));
  return red * 0.2126 + green * 0.7152 + blue * 0.0722;
}

const linear = (value: number): number => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);

const contrast = (a: number, b: number): number => (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
