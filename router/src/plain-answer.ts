import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

/** Answers that the router gives itself, in the application's place. */
export type PlainAnswer = { status: 400 | 501 | 502 | 503 | 504; title: string; text: string };

export const NOTHING_DEPLOYED: PlainAnswer = {
  status: 503,
  title: 'No release serves here yet',
  text: 'This environment has no healthy release. Once one is deployed to it, this address answers.',
};
export const BACKEND_GONE: PlainAnswer = {
  status: 502,
  title: 'The application gave no answer',
  text: 'It refused or broke the connection before it answered. Its log says more; trying again may help.',
};
export const BACKEND_SILENT: PlainAnswer = {
  status: 504,
  title: 'The application took too long',
  text: 'It sent nothing for five minutes, so the router stopped waiting.',
};
export const DRAIN_OVER: PlainAnswer = {
  status: 503,
  title: 'This request was cut off',
  text: 'The release that was handling it was replaced, and its time to finish is over. Trying again reaches the new release.',
};
export const BAD_TARGET: PlainAnswer = {
  status: 400,
  title: 'This request target is not served here',
  text: 'Send a path that starts with a slash.',
};
export const UNKNOWN_CODING: PlainAnswer = {
  status: 501,
  title: 'This transfer coding is not supported',
  text: 'Send the body as it is or in chunks.',
};

/** Does nothing but end the connection when an answer has begun already. */
export function answerPlainly(request: IncomingMessage, response: ServerResponse, answer: PlainAnswer): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  const { body, headers } = render(request, answer);
  response.writeHead(answer.status, headers).end(request.method === 'HEAD' ? undefined : body);
}

/** The same for a connection that has left HTTP's hands because it asked for an upgrade. */
export function answerPlainlyOn(socket: Duplex, request: IncomingMessage, answer: PlainAnswer): void {
  const { body, headers } = render(request, answer);
  const head = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.end(`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}\r\n${head.join('')}Connection: close\r\n\r\n${body}`);
}

function render(request: IncomingMessage, { status, title, text }: PlainAnswer) {
  const html = request.headers.accept?.includes('text/html') ?? false;
  const body = html ? page(status, title, text) : `${title}. ${text}\n`;
  const headers = {
    'Content-Type': `text/${html ? 'html' : 'plain'}; charset=utf-8`,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
  };
  return { body, headers };
}

function page(status: number, title: string, text: string): string {
  return `<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${title}</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:34rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}small{opacity:.7}</style>
<h1>${title}</h1><p>${text}</p><small>${status} · Slipway router</small></html>
`;
}
