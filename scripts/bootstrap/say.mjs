/** Progress of long work, for people. @param {string} message */
export function say(message) {
  process.stdout.write(`slipway: ${message}\n`);
}

/** Why it ends here, for people: what, why, and what to do. @param {string} message */
export function complain(message) {
  process.stderr.write(`\nslipway: ${message}\n`);
}
