export function newestAttempt<T extends { number: number }>(attempts: readonly T[]): T | null {
  return attempts.reduce<T | null>((newest, each) => (newest === null || each.number > newest.number ? each : newest), null);
}
