/** A process that was left running is named up to here: so many, and so much of its command line. */
const MAX_NAMED = 10;
const MAX_NAME_BYTES = 200;
const LOOK_SECONDS = 0.05;

/**
 * Process 1 of a sandbox. With its end the kernel ends all others at once, so it stays until they are gone: the command ends, what it left running
 * is asked to end (unless whoever stops the sandbox has asked already: SIGTERM to this process says so), and after the grace time it goes nevertheless.
 * That needs nobody outside. The command lines of what was left go to descriptor 3, where there is one; a job can't write to that.
 *
 * The command runs in a subshell's place: a redirection of the shell's own would have it print "Killed" into the output. A shell that can't
 * fork any more (the job's limit) ends by itself; its exit code is the command's all the same.
 */
const SCRIPT = `
looks=$1; shift
asked= code=1
trap asked=1 TERM
trap 'exit $code' EXIT
exec 4>&2 2>/dev/null
others() { set -- /proc/[0-9]*; [ $# -gt 1 ]; }
await_others() { n=0; while others && [ $n -lt $1 ]; do sleep ${LOOK_SECONDS}; n=$((n+1)); done; }
( exec "$@" 2>&4 4>&- 3>&- )
code=$?
others || exit
await_others 2
others || exit
if [ -z "$asked" ]; then
  n=0
  for process in /proc/[0-9]*; do
    [ $process = /proc/1 ] || [ $n -ge ${MAX_NAMED} ] || { tr '\\0\\n' '  ' < $process/cmdline | head -c ${MAX_NAME_BYTES}; echo; } >&3
    n=$((n+1))
  done
  kill -s TERM -- -1
fi
await_others $looks
`;

/** Runs the command under a first process of ours. */
export const underFirstProcess = (command: string[], graceMs: number): string[] => [
  '/bin/sh',
  '-c',
  SCRIPT,
  'sh',
  `${Math.ceil(graceMs / 1000 / LOOK_SECONDS)}`,
  ...command,
];

/** What of that came out of descriptor 3. */
export const namesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
