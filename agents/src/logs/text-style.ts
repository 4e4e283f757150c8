/** What an SGR code changes; of codes of one kind only the last counts. Codes that are not here are kept side by side. */
function kindOf(code: number): string {
  if (code === 1 || code === 2) return `weight ${code}`;
  if (code === 20) return 'italic';
  if (code === 21) return 'underline';
  if (code < 30) return String(code);
  if ((code >= 30 && code <= 38) || (code >= 90 && code <= 97)) return 'foreground';
  if ((code >= 40 && code <= 48) || (code >= 100 && code <= 107)) return 'background';
  return String(code);
}

/** Codes that switch kinds off. */
const OFF: ReadonlyMap<number, readonly string[]> = new Map([
  [22, ['weight 1', 'weight 2']],
  [23, ['3', 'italic']],
  [24, ['4', 'underline']],
  [25, ['5', '6']],
  [27, ['7']],
  [28, ['8']],
  [29, ['9']],
  [39, ['foreground']],
  [49, ['background']],
  [50, ['26']],
  [54, ['51', '52']],
  [55, ['53']],
  [59, ['58']],
  [65, ['60', '61', '62', '63', '64']],
  [75, ['73', '74']],
]);

/** Parameters of 38, 48 and 58 in the form with semicolons: `5;n` or `2;r;g;b`. */
const COLOUR_PARAMETERS: Readonly<Record<string, number>> = { '5': 2, '2': 4 };
/** More kinds than there are: a job that makes some up. */
const MAX_KINDS = 32;

/** The colours and weights that are on, after "Select Graphic Rendition" (ECMA-48, 8.3.117). */
export class TextStyle {
  private readonly on = new Map<string, string>();

  get isPlain(): boolean {
    return this.on.size === 0;
  }

  /** Switches on, in a terminal where all is off, what is on here. */
  get sequence(): string {
    return `\x1b[${[...this.on.values()].join(';')}m`;
  }

  /** The parameters of one sequence, e.g. `1;38;5;208`. */
  apply(parameters: string): void {
    const codes = parameters.split(';');
    for (let i = 0; i < codes.length; i++) {
      const code = Number.parseInt(codes[i] || '0', 10);
      const isColour = (code === 38 || code === 48 || code === 58) && codes[i] === String(code);
      const used = isColour ? (COLOUR_PARAMETERS[codes[i + 1] ?? ''] ?? 0) : 0;
      this.set(code, codes.slice(i, i + 1 + used).join(';'));
      i += used;
    }
  }

  private set(code: number, text: string): void {
    if (code === 0) this.on.clear();
    const off = text === '4:0' ? OFF.get(24) : OFF.get(code);
    if (off) for (const kind of off) this.on.delete(kind);
    else if (code !== 0 && this.on.size < MAX_KINDS) this.on.set(kindOf(code), text);
  }
}
