import type { IncomingMessage } from 'node:http';

/** Scheme and host that the caller used, or the configured public address. */
export function originOf(request: { protocol: string; host: string }, publicUrl: string | null): string {
  return publicUrl ?? `${request.protocol}://${request.host}`;
}

/** Whether the text is a host with or without a port, and nothing else. */
export const isHost = (text: string): boolean => !/[/?#@\\]/.test(text) && URL.canParse(`http://${text}`);

/**
 * Whether a browser's page of another site sent this. Browsers always send Origin with web sockets and with anything but plain
 * reads; other programs send none and hold no cookie that a foreign page could use.
 */
export function isForeignOrigin(request: Pick<IncomingMessage, 'headers'>, publicUrl: string | null): boolean {
  const origin = request.headers.origin;
  if (origin === undefined) return false;
  if (!URL.canParse(origin)) return true;
  const { host } = new URL(origin);
  return host !== request.headers.host && !(publicUrl !== null && host === new URL(publicUrl).host);
}
