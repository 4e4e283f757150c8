/** A range of lines in the address, counted from 1 as people do: `#L120`, `#L120-L140`. Here from 0, both ends included. */
export type LineRange = { first: number; last: number };

export function parseLineRange(hash: string): LineRange | null {
  const match = /^#L(\d{1,9})(?:-L(\d{1,9}))?$/.exec(hash);
  if (!match) return null;
  const a = Number(match[1]) - 1;
  const b = match[2] ? Number(match[2]) - 1 : a;
  return a < 0 || b < 0 ? null : { first: Math.min(a, b), last: Math.max(a, b) };
}

export function formatLineRange({ first, last }: LineRange): string {
  return first === last ? `#L${first + 1}` : `#L${first + 1}-L${last + 1}`;
}

/** The query of an address that names the log a line is in, so that a line link means the same line for ever. */
export function searchOfLog(search: string, { job, attemptId }: { job: string | null; attemptId: string }): string {
  const query = new URLSearchParams(search);
  if (job !== null) query.set('job', job);
  query.set('attempt', attemptId);
  return `?${query}`;
}
