const PLACE = 'slipway.session-key';

/**
 * What a session needs beside its cookie. The cookie goes to every port of this host, so to deployed applications as well; what is in the storage of this
 * page's origin stays here. Read anew each time: another tab may have signed in or out.
 */
export const sessionKey = {
  /** For each request of this page. */
  headers: (): Record<string, string> => {
    const key = sessionKey.read();
    return key === null ? {} : { 'x-slipway-session-key': key };
  },
  read: (): string | null => window.localStorage.getItem(PLACE),
  keep: (key: string): void => window.localStorage.setItem(PLACE, key),
  drop: (): void => window.localStorage.removeItem(PLACE),
};
