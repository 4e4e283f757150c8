const ENDED = /[.!?…][)\]"'”’»`]*$/u;

/** Parts said one after another, each a sentence with its end mark: messages of servers and programs often come without one. */
export function sentences(...parts: (string | null | undefined)[]): string {
  return parts
    .map((part) => part?.trim() ?? '')
    .filter((part) => part !== '')
    .map((said) => (ENDED.test(said) ? said : `${said.replace(/[,;:]$/u, '')}.`))
    .join(' ');
}
