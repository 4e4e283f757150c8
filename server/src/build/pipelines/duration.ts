const UNIT_MS = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

export const DURATION = /^([0-9]{1,9})(ms|s|m|h)$/;

/** @param text matches DURATION: `500ms`, `30s`, `5m`, `1h` */
export function durationMs(text: string): number {
  const [, count, unit] = DURATION.exec(text) ?? [];
  if (!count || !unit) throw new Error(`"${text}" is not a duration.`);
  return Number(count) * UNIT_MS[unit as keyof typeof UNIT_MS];
}
