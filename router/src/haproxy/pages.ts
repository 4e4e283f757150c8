/** Answers that the router gives in the application's place. */
type Page = { status: number; title: string; text: string };

/** By HAProxy itself, for what goes wrong on the way. */
export const ERROR_PAGES: readonly Page[] = [
  { status: 400, title: 'This request is not served here', text: 'It is not valid HTTP, or its head is longer than 23 KB.' },
  { status: 408, title: 'The request took too long', text: 'Its head was not complete within a minute.' },
  {
    status: 502,
    title: 'The application gave no answer',
    text: 'It closed the connection before it had answered, or its answer is not valid HTTP, or the head of the answer is longer than 23 KB. The log of the application says more; trying again may help.',
  },
  {
    status: 503,
    title: "The application can't be reached",
    text: 'No instance takes the connection, or all are busy. Trying again may help.',
  },
  { status: 504, title: 'The application took too long', text: 'It sent nothing for an hour, so the router stopped waiting.' },
];

/** By rules of the configuration. */
export const RULE_PAGES = {
  nothing_deployed: {
    status: 503,
    title: 'No release serves here yet',
    text: 'Nothing is deployed to this environment. Once a release is, this address answers.',
  },
  unhealthy: {
    status: 503,
    title: 'The application is not healthy',
    text: 'A release is deployed here, but none of its instances is healthy at the moment. Its environment’s page says why; this address answers again as soon as one is.',
  },
  not_here: { status: 404, title: 'Nothing is served at this address', text: 'No environment has this host name and path.' },
  too_large: { status: 413, title: 'The request is too large', text: 'Its body is longer than this environment allows.' },
  length_required: {
    status: 411,
    title: 'The length of the request is missing',
    text: 'This environment limits the size of requests, so it needs Content-Length.',
  },
  too_many: { status: 429, title: 'Too many requests', text: 'Wait a second, then try again.' },
} satisfies Record<string, Page>;

/** A file for `errorfile`: the whole answer as it is sent. */
export function errorFile(page: Page): string {
  const body = html(page);
  const head = [
    `HTTP/1.1 ${page.status} ${REASONS[page.status] ?? 'Error'}`,
    'Content-Type: text/html; charset=utf-8',
    'Cache-Control: no-store',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

const REASONS: Record<number, string> = {
  400: 'Bad Request',
  408: 'Request Timeout',
  502: 'Bad Gateway',
  503: 'Service Unavailable',
  504: 'Gateway Timeout',
};

export function text({ title, text }: Page): string {
  return `${title}. ${text}\n`;
}

export function html({ status, title, text }: Page): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}small{opacity:.7}</style>
<h1>${escaped(title)}</h1><p>${escaped(text)}</p><small>${status} · Slipway router</small></html>
`;
}

function escaped(plain: string): string {
  return plain.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
