export type PatchLine = {
  kind: 'hunk' | 'added' | 'removed' | 'context' | 'note';
  /** Numbers of the line before and after, where it was or is. */
  oldNumber?: number;
  newNumber?: number;
  /** Without its sign. */
  text: string;
};

const HUNK = /^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@/;

/** The lines of a unified diff, from its first `@@` on, with the numbers they have on both sides. */
export function patchLines(patch: string): PatchLine[] {
  let [oldNumber, newNumber] = [0, 0];
  return patch
    .replace(/\n$/, '')
    .split('\n')
    .map((line): PatchLine => {
      const hunk = HUNK.exec(line);
      if (hunk) {
        [oldNumber, newNumber] = [Number(hunk[1]), Number(hunk[2])];
        return { kind: 'hunk', text: line };
      }
      const text = line.slice(1);
      if (line.startsWith('+')) return { kind: 'added', newNumber: newNumber++, text };
      if (line.startsWith('-')) return { kind: 'removed', oldNumber: oldNumber++, text };
      if (line.startsWith('\\')) return { kind: 'note', text: text.trim() };
      return { kind: 'context', oldNumber: oldNumber++, newNumber: newNumber++, text };
    });
}
