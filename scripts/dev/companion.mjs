import { spawn } from 'node:child_process';

/** Becomes the program, and ends it with our pipe, which closes however we end. */
const SCRIPT = 'exec 3<&0; { cat <&3; kill $$; } > /dev/null 2>&1 & exec "$@" < /dev/null 3<&-';

/** A tool that runs beside us and watches files. It has a session of its own, so that Ctrl-C reaches it only through us. */
export class Companion {
  #child;

  /**
   * @param {string} command @param {string[]} args
   * @param {{ cwd: string, env?: NodeJS.ProcessEnv, onOutput?: (text: string) => void }} options what it says goes to our output, and to `onOutput`
   */
  constructor(command, args, { cwd, env = process.env, onOutput }) {
    this.#child = spawn('/bin/sh', ['-c', SCRIPT, 'slipway-dev', command, ...args], {
      cwd,
      env,
      detached: true,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    /** @type {Promise<void>} */
    this.ended = new Promise((resolve) => this.#child.once('exit', () => resolve()));
    void this.ended.then(() => this.#child.stdin.end());
    this.#child.stdin.on('error', () => undefined); // it has ended before us
    this.#child.stdout.setEncoding('utf8').on('data', (text) => {
      process.stdout.write(text);
      onOutput?.(text);
    });
  }

  async stop() {
    this.#child.stdin.end();
    await this.ended;
  }
}
