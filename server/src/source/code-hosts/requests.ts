export type HostRequest = {
  method: 'GET' | 'POST';
  /** The path below the root of the host's API, beginning with a slash. */
  path: string;
  body?: unknown;
};

export type HostAnswer = {
  status: number;
  /** How long the host asks us to wait, in milliseconds; null: it does not ask. */
  retryAfterMs: number | null;
  link: string | null;
  text: string;
};

/** Any 2xx status. */
export const isSuccess = ({ status }: HostAnswer): boolean => status >= 200 && status < 300;

/** `hasNext`: of a list, whether the host says that there is another page (RFC 8288, `rel="next"`). */
export type Asked = { body: unknown; hasNext: boolean };

/** Sends a request to the host of one repository. @throws HostSilent, HostRefused, with messages for people */
export type AskHost = (path: string) => Promise<Asked>;

/** The address of the next page if pages are numbered. The link that the host gives is not followed: the credential would be sent wherever it points. */
export function nextCounted(at: string, hasNext: boolean): string | null {
  return hasNext ? at.replace(/([?&]page=)(\d+)/, (_all, name, page) => `${name}${Number(page) + 1}`) : null;
}
