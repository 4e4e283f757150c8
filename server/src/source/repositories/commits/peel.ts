import { runGit } from '../../../platform/git.js';

/** The commit behind each object: of an annotated tag the one it points at; none for trees and files, and for what isn't there. */
export async function commitsBehind(gitDir: string, shas: readonly string[]): Promise<Map<string, string>> {
  const asked = [...new Set(shas)];
  if (asked.length === 0) return new Map();
  const input = asked.map((sha) => `${sha}^{commit}\n`).join('');
  const output = await runGit(['cat-file', '--batch-check=%(objectname)'], { gitDir, input });
  const lines = output.split('\n');
  return new Map(asked.flatMap((sha, n) => (/^[0-9a-f]+$/.test(lines[n] ?? '') ? [[sha, lines[n] as string]] : [])));
}
