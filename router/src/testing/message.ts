export type Field = [name: string, value: string];

/** A request or an answer as it stands on the wire; names of fields in lower case, since no one may tell them apart by case. */
export type Message = {
  start: string;
  fields: Field[];
  body: string;
  /** How the end of the body is known; `cut`: the connection ended before it. */
  framing: 'none' | 'length' | 'chunked' | 'close' | 'cut';
  trailers: Field[];
};

/** Reads one message off the front of `bytes`; nothing if it is not whole yet. `answerTo`: the method that it answers. */
export function readMessage(bytes: string, ended: boolean, answerTo?: string): { message: Message; taken: number } | undefined {
  const headEnd = bytes.indexOf('\r\n\r\n');
  if (headEnd < 0)
    return ended && bytes ? { message: { ...head(bytes), body: '', framing: 'cut', trailers: [] }, taken: bytes.length } : undefined;
  const { start, fields } = head(bytes.slice(0, headEnd));
  const body = readBody(bytes.slice(headEnd + 4), ended, framing(start, fields, answerTo), fields);
  return (
    body && { message: { start, fields, body: body.body, framing: body.framing, trailers: body.trailers }, taken: headEnd + 4 + body.taken }
  );
}

/** Values of all fields of this name. */
export function values({ fields }: { fields: Field[] }, name: string): string[] {
  return fields.filter(([its]) => its === name).map(([, value]) => value);
}

function head(text: string): { start: string; fields: Field[] } {
  const [start = '', ...lines] = text.split('\r\n');
  return { start, fields: lines.filter(Boolean).map(field) };
}

function field(line: string): Field {
  const colon = line.indexOf(':');
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function framing(start: string, fields: Field[], answerTo?: string): Message['framing'] {
  const status = answerTo && Number(start.split(' ')[1]);
  if (answerTo === 'HEAD' || (status && (status < 200 || status === 204 || status === 304))) return 'none';
  if (values({ fields }, 'transfer-encoding').some((coding) => /chunked$/i.test(coding))) return 'chunked';
  if (values({ fields }, 'content-length').length > 0) return 'length';
  return answerTo ? 'close' : 'none';
}

type Body = { body: string; trailers: Field[]; framing: Message['framing']; taken: number };

function readBody(rest: string, ended: boolean, by: Message['framing'], fields: Field[]): Body | undefined {
  if (by === 'none') return { body: '', trailers: [], framing: by, taken: 0 };
  const whole =
    by === 'chunked' ? dechunk(rest) : by === 'length' ? cutTo(rest, Number(values({ fields }, 'content-length')[0])) : undefined;
  if (whole) return { trailers: [], ...whole, framing: by };
  if (!ended) return undefined;
  return { body: by === 'chunked' ? partOf(rest) : rest, trailers: [], framing: by === 'close' ? by : 'cut', taken: rest.length };
}

function cutTo(rest: string, length: number) {
  return rest.length < length ? undefined : { body: rest.slice(0, length), taken: length };
}

function dechunk(rest: string): Omit<Body, 'framing'> | undefined {
  const { body, at, last } = chunks(rest);
  if (!last) return undefined;
  const end = rest.startsWith('\r\n', at) ? at : rest.indexOf('\r\n\r\n', at);
  if (end < 0) return undefined;
  return { body, trailers: rest.slice(at, end).split('\r\n').filter(Boolean).map(field), taken: end === at ? at + 2 : end + 4 };
}

const partOf = (rest: string) => chunks(rest).body;

/** The whole chunks; `at`: where the next line begins, `last`: the chunk without bytes has come. */
function chunks(rest: string): { body: string; at: number; last: boolean } {
  const parts: string[] = [];
  for (let at = 0; ; ) {
    const line = rest.indexOf('\r\n', at);
    const size = Number.parseInt(rest.slice(at, line), 16);
    if (line < 0 || Number.isNaN(size) || (size > 0 && line + 2 + size + 2 > rest.length)) return { body: parts.join(''), at, last: false };
    if (size === 0) return { body: parts.join(''), at: line + 2, last: true };
    parts.push(rest.slice(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
