import { createHash } from 'node:crypto';

export const LINES = 1_000_000;
export const BYTES_A_LINE = 100;
/** One line of so many holds a secret. */
const SECRET_EACH = 1_000;

/** 40 characters each, and the same at each start of the bench. */
export const SECRETS = Array.from({ length: 20 }, (_, n) => createHash('sha1').update(`bench secret ${n}`).digest('hex'));
export const secretName = (n: number): string => `BULK_${n}`;

/** Numbered lines of {@link BYTES_A_LINE} bytes with their line feed, as a program for awk that finds the secrets in its environment. */
export const linesProgram = `BEGIN {
  text = "the quick brown fox jumps over the lazy dog while a build prints what nobody will ever read, or"
  for (n = 1; n <= ${LINES}; n++) {
    line = sprintf("%07d ", n)
    if (n % ${SECRET_EACH} == 0) line = line "token=" ENVIRON["BULK_" (n / ${SECRET_EACH}) % ${SECRETS.length}] " "
    print substr(line text, 1, ${BYTES_A_LINE - 1})
  }
}
`;
