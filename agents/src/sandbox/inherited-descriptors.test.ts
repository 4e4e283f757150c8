import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';

const MODULE = new URL('./inherited-descriptors.ts', import.meta.url).href;
const LISTING = `import { execFileSync } from 'node:child_process'; process.stdout.write(execFileSync('ls', ['/proc/self/fd']));`;
const CLOSING = `import { closeInheritedDescriptors } from '${MODULE}'; closeInheritedDescriptors();`;

/** Descriptors of a program that a Node.js has started, which bash has started with more than the usual ones. */
const handedOn = (code: string): string[] =>
  execFileSync('bash', ['-c', 'exec 100>/dev/null 200>/dev/null; "$0" --input-type=module -e "$1"', process.execPath, code], {
    encoding: 'utf8',
  })
    .trim()
    .split('\n');

it.runIf(process.platform === 'linux')('closes what the process was started with, so that it hands nothing on', () => {
  expect(handedOn(LISTING)).toEqual(expect.arrayContaining(['100', '200']));
  const closed = handedOn(CLOSING + LISTING);
  expect(closed.filter((descriptor) => Number(descriptor) >= 100)).toEqual([]);
});
