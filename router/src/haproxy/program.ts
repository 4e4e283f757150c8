import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const OLDEST = [2, 6];

/** The version of a HAProxy, such as `2.8.25-5cf5d0683`. @throws Error when it does not run or is too old. */
export async function versionOf(program: string): Promise<string> {
  const said = await promisify(execFile)(program, ['-v']).catch((error: NodeJS.ErrnoException) => {
    const why = error.code === 'ENOENT' ? 'it is not there' : error.message;
    throw new Error(
      `The router can't start: HAProxy can't be run as ${program}, because ${why}. Install HAProxy 2.6 or later ("apt-get install haproxy"), or set SLIPWAY_HAPROXY to its path.`,
    );
  });
  const version = /version (\S+)/.exec(said.stdout)?.[1] ?? '';
  const [major = 0, minor = 0] = version.split('.').map((part) => Number.parseInt(part, 10));
  if (major > (OLDEST[0] ?? 0) || (major === OLDEST[0] && minor >= (OLDEST[1] ?? 0))) return version;
  throw new Error(
    `The router can't start: ${program} is HAProxy ${version}, and it needs 2.6 or later. Install that, or set SLIPWAY_HAPROXY to its path.`,
  );
}
