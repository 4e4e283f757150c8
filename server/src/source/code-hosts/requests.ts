export type HostRequest = {
  method: 'GET' | 'POST';
  /** Below the host's root of its API, beginning with a slash. */
  path: string;
  body?: unknown;
};

export type HostAnswer = {
  status: number;
  /** Milliseconds to wait as the host asks for; null: it does not. */
  retryAfterMs: number | null;
  link: string | null;
  text: string;
};

/** Any status that says so. */
export const isSuccess = ({ status }: HostAnswer): boolean => status >= 200 && status < 300;

/** `hasNext`: of a list, whether the host says that there is another page (RFC 8288, `rel="next"`). */
export type Asked = { body: unknown; hasNext: boolean };

/** Asks the host of one repository. @throws HostSilent, HostRefused: their messages are for people */
export type AskHost = (path: string) => Promise<Asked>;

/** The address of the next page where pages are counted. The host's own is not followed: it would take the credential where it points. */
export function nextCounted(at: string, hasNext: boolean): string | null {
  return hasNext ? at.replace(/([?&]page=)(\d+)/, (_all, name, page) => `${name}${Number(page) + 1}`) : null;
}
