import { isUtf8 } from 'node:buffer';
import { runGit } from '../../platform/git.js';
import { PIPELINE_FILE } from './compile-pipeline.js';
import { type Compiled, refused } from './compiled.js';
import type { PipelineProblem } from './pipeline.js';
import { compileApart } from './pipeline-thread.js';
import { MAX_PIPELINE_BYTES } from './yaml-source.js';

const OTHER_ENDING = '.slipway.yaml';
const LOCK_FILES = ['package-lock.json', 'npm-shrinkwrap.json'];
const MAX_PACKAGE_BYTES = 1024 * 1024;
const REGULAR = /^100/;

type TreeEntry = { mode: string; object: string; size: number };

/** The pipeline of one commit, read from a bare repository without a checkout. */
export async function readPipelineAt(gitDir: string, sha: string): Promise<Compiled> {
  const entries = await listRoot(gitDir, sha, [PIPELINE_FILE, OTHER_ENDING, 'package.json', ...LOCK_FILES]);
  const pipeline = entries.get(PIPELINE_FILE);
  const packageJson = entries.get('package.json');
  if (!pipeline && entries.has(OTHER_ENDING))
    return wrong(OTHER_ENDING, `The pipeline is read from ${PIPELINE_FILE}.`, `Rename ${OTHER_ENDING} to ${PIPELINE_FILE}.`);
  const name = pipeline ? PIPELINE_FILE : 'package.json';
  const file = pipeline ?? packageJson;
  if (file && !REGULAR.test(file.mode)) return wrong(name, 'This is a link or a folder, not a file.', 'Put the file itself there.');
  const maxBytes = pipeline ? MAX_PIPELINE_BYTES : MAX_PACKAGE_BYTES;
  if (file && file.size > maxBytes)
    return wrong(
      name,
      `The file has ${file.size} bytes; at most ${maxBytes} are allowed.`,
      'Move long scripts into files of their own and run those.',
    );
  const bytes = file ? await readBlob(gitDir, file.object, 2 * maxBytes) : null;
  const notUtf8 = bytes && whyNotUtf8(name, bytes);
  if (notUtf8) return refused([notUtf8]);
  const text = bytes?.toString() ?? null;
  return compileApart({
    pipelineYaml: pipeline ? text : null,
    packageJson: pipeline ? null : text,
    hasLockFile: LOCK_FILES.some((lock) => entries.has(lock)),
  });
}

async function readBlob(gitDir: string, object: string, maxBytes: number): Promise<Buffer> {
  return Buffer.from(await runGit(['cat-file', 'blob', object], { gitDir, maxBytes, encoding: 'latin1' }), 'latin1');
}

function whyNotUtf8(file: string, bytes: Buffer): PipelineProblem | null {
  if (isUtf8(bytes)) return null;
  const remedy = 'Save the file as UTF-8; most editors offer this under "Save with encoding".';
  if (bytes[0] === 0xff || bytes[0] === 0xfe)
    return { file, line: null, column: null, message: 'The file is UTF-16, but a pipeline must be UTF-8.', remedy };
  return { file, line: firstLineNotUtf8(bytes), column: null, message: 'This line is not UTF-8.', remedy };
}

/** Counted from 1. No line end is part of a character. */
function firstLineNotUtf8(bytes: Buffer): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line++) {
    const end = bytes.indexOf('\n', start);
    if (end === -1 || !isUtf8(bytes.subarray(start, end))) break;
    start = end + 1;
  }
  return line;
}

const wrong = (file: string, message: string, remedy: string): Compiled => refused([{ file, line: null, column: null, message, remedy }]);

async function listRoot(gitDir: string, sha: string, names: readonly string[]): Promise<Map<string, TreeEntry>> {
  const output = await runGit(['ls-tree', '-z', '-l', sha, '--', ...names], { gitDir });
  const lines = output.split('\0').filter(Boolean);
  return new Map(
    lines.map((line) => {
      const [facts = '', name = ''] = line.split('\t');
      const [mode = '', , object = '', size = ''] = facts.split(/ +/);
      return [name, { mode, object, size: Number(size) || 0 }];
    }),
  );
}
