import { runGit } from '../../platform/git.js';
import { PIPELINE_FILE } from './compile-pipeline.js';
import { type Compiled, refused } from './compiled.js';
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
      `The file has ${file.size} bytes; ${maxBytes} are the most.`,
      'Move long scripts to files of their own and run those.',
    );
  const text = file ? await runGit(['cat-file', 'blob', file.object], { gitDir, maxBytes: 2 * maxBytes }) : null;
  return compileApart({
    pipelineYaml: pipeline ? text : null,
    packageJson: pipeline ? null : text,
    hasLockFile: LOCK_FILES.some((lock) => entries.has(lock)),
  });
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
