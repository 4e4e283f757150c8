import { streamGit } from '../../../platform/git.js';

export type FilePatch = {
  /** Unified, from the first @@ on; empty for binary files and those that were only moved. */
  text: string;
  isBinary: boolean;
  truncated: boolean;
};

const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;
const PATCH = ['--literal-pathspecs', 'diff-tree', '-r', '-p', '-M', '--no-color', '--no-ext-diff', '--no-textconv'];

/** How one file differs between two commits, up to 256 KiB, cut at the end of a line. */
export async function filePatch(gitDir: string, from: string, to: string, path: string, oldPath: string | null): Promise<FilePatch> {
  let text = '';
  let truncated = false;
  for await (const chunk of streamGit([...PATCH, from, to, '--', ...(oldPath === null ? [] : [oldPath]), path], {
    gitDir,
    timeoutMs: TIMEOUT_MS,
  })) {
    text += chunk;
    truncated = Buffer.byteLength(text) > MAX_BYTES;
    if (truncated) break;
  }
  const hunks = text.indexOf('\n@@ ');
  if (hunks === -1) return { text: '', isBinary: /^(Binary files .* differ|GIT binary patch)$/m.test(text), truncated };
  const shown = text.slice(hunks + 1);
  return { text: truncated ? cut(shown) : shown, isBinary: false, truncated };
}

function cut(text: string): string {
  // A stream leaves out the character that its end cuts in two.
  const shown = new TextDecoder().decode(Buffer.from(text).subarray(0, MAX_BYTES), { stream: true });
  const end = shown.lastIndexOf('\n');
  return end === -1 ? shown : shown.slice(0, end + 1);
}
