/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */
/** @typedef {Counts & { name: string, seconds: number }} Sum */

/**
 * What Vitest's own report says. A failure outside of any test, an unhandled rejection for instance, shows in its exit code alone and counts as one.
 * @param {{ numTotalTests: number, numPassedTests: number, numPendingTests: number, numTodoTests: number }} report @param {number} code
 * @returns {Counts}
 */
export function countsOf({ numTotalTests, numPassedTests, numPendingTests, numTodoTests }, code) {
  const skipped = numPendingTests + numTodoTests;
  const failed = numTotalTests - numPassedTests - skipped;
  return { passed: numPassedTests, failed: code !== 0 && failed === 0 ? 1 : failed, skipped };
}

/** @param {Sum[]} sums @returns {Counts} */
export function totalOf(sums) {
  const total = (/** @type {keyof Counts} */ key) => sums.reduce((sum, suite) => sum + suite[key], 0);
  return { passed: total('passed'), failed: total('failed'), skipped: total('skipped') };
}

/** One suite's line of the table. @param {Sum} sum */
export function lineOf({ name, passed, failed, skipped, seconds }) {
  return `${name.padEnd(9)} ${column(passed, 5)} passed ${column(failed, 4)} failed ${column(skipped, 4)} skipped ${seconds} s`;
}

/** The last line of all: read by people and by scripts. @param {Counts} counts */
export function summaryOf({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** @param {number} count @param {number} width */
const column = (count, width) => String(count).padStart(width);
