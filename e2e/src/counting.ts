/** A job that prints numbered lines at a steady pace, so that a log can be compared with what was printed. */
export type Counting = { lines: number; everySeconds: number };

const SCRIPT = `i=1
while [ "$i" -le "$1" ]; do
  echo "line $i of $1"
  sleep "$2"
  i=$((i + 1))
done
`;

/** One job for each name, all at once. */
export function countingFiles(jobs: Record<string, Counting>): Record<string, string> {
  const written = Object.entries(jobs).map(
    ([name, { lines, everySeconds }]) =>
      `  ${name}:\n    kind: build\n    steps:\n      - name: Count\n        run: sh count.sh ${lines} ${everySeconds}\n`,
  );
  return { '.slipway.yml': `jobs:\n${written.join('')}`, 'count.sh': SCRIPT };
}

/** What of a log was printed by a counting job; lines that Slipway added are left out. */
export const countedLines = (log: string): string[] => log.split('\n').filter((line) => line.startsWith('line '));

export const allLines = (lines: number): string[] => Array.from({ length: lines }, (_, index) => `line ${index + 1} of ${lines}`);
