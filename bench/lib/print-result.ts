import { type Aim, isMet, type Result, type Row, ratioOf } from './bench.ts';

type Printed = Result & { bench: string; at: string; machine: Record<string, unknown> };

/** A table for people, then one line of JSON. */
export function printResult(result: Printed): void {
  const lines = [['', 'measured', 'floor', 'ratio', 'aim', ''], ...result.rows.map(cells)];
  const widths = (lines[0] as string[]).map((_, column) => Math.max(...lines.map((line) => (line[column] as string).length)));
  const table = lines.map((line) =>
    line
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] as number) : cell.padStart(widths[column] as number)))
      .join('  ')
      .trimEnd(),
  );
  const notes = result.notes.map((note) => `  · ${note}`);
  process.stdout.write(`\n${[`${result.bench}, ${result.at}`, ...table, ...notes].join('\n')}\n\n`);
  const rows = result.rows.map((row) => ({ ...row, ratio: ratioOf(row), met: isMet(row) }));
  process.stdout.write(`${JSON.stringify({ ...result, rows })}\n`);
}

function cells(row: Row): string[] {
  const ratio = ratioOf(row);
  const met = isMet(row);
  return [
    row.what,
    `${shown(row.value)} ${row.unit}`,
    row.floor === undefined ? '' : `${shown(row.floor)} ${row.unit}`,
    ratio === undefined ? '' : `${shown(ratio)} ×`,
    row.aim ? aimText(row.aim, row.unit) : '',
    met === undefined ? '' : met ? 'met' : 'MISSED',
  ];
}

function aimText({ most, least, ratio }: Aim, unit: string): string {
  const parts = [
    most === undefined ? [] : `≤ ${shown(most)} ${unit}`,
    least === undefined ? [] : `≥ ${shown(least)} ${unit}`,
    ratio === undefined ? [] : `≤ ${ratio} × floor`,
  ];
  return parts.flat().join(', ');
}

/** Three significant digits; whole numbers from 100 on. */
function shown(value: number): string {
  if (!Number.isFinite(value) || Number.isInteger(value)) return value.toLocaleString('en');
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
