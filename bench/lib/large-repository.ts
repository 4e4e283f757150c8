import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';

const WHO = 'committer Bench <bench@example.test> 1700000000 +0000\n';
const PIPELINE = 'on: manual\njobs:\n  one:\n    kind: build\n    steps:\n      - run: git status --porcelain | head\n';

type Size = {
  files: number;
  fileBytes: number;
  /** Beside main, each with one commit of its own. */
  branches?: number;
};

/** In a bare repository: one commit on main of `files` files, `fileBytes` random bytes each, in folders of a hundred. */
export async function makeLargeRepository(folder: string, { files, fileBytes, branches = 0 }: Size): Promise<void> {
  const git = spawn('git', ['fast-import', '--quiet'], { cwd: folder, stdio: ['pipe', 'ignore', 'inherit'] });
  const ended = once(git, 'exit');
  const write = async (bytes: string | Buffer) => {
    if (!git.stdin.write(bytes)) await once(git.stdin, 'drain');
  };
  await write(`commit refs/heads/main\n${WHO}data 5\nfirst\n`);
  await write(file('.slipway.yml', Buffer.from(PIPELINE)));
  for (let n = 0; n < files; n++) await write(file(pathOf(n), randomBytes(fileBytes)));
  for (let n = 0; n < branches; n++)
    await write(
      `commit refs/heads/topic/${n}\n${WHO}data 5\ntopic\nfrom refs/heads/main\nM 100644 inline topic.txt\ndata ${`${n}`.length}\n${n}\n`,
    );
  git.stdin.end('\ndone\n');
  const [code] = await ended;
  if (code !== 0) throw new Error(`git fast-import ended with ${code}.`);
}

const file = (path: string, content: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`M 100644 inline ${path}\ndata ${content.length}\n`), content, Buffer.from('\n')]);

export const pathOf = (n: number): string => `part-${String(Math.floor(n / 100)).padStart(4, '0')}/file-${n}.bin`;
