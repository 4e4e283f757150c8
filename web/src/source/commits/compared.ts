/** What an address `base...head` compares; no name in Git has `..` in it. One name alone is compared with the default branch. */
export function comparedOf(compared: string, defaultBranch: string): { base: string; head: string } {
  const [first = '', second] = compared.split('...');
  return second === undefined ? { base: defaultBranch, head: first } : { base: first || defaultBranch, head: second };
}
