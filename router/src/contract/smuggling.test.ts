import { describe, expect, it } from 'vitest';
import { contract, ok } from '../testing/contract.js';
import { readMessage, values } from '../testing/message.js';
import { Wire } from '../testing/wire.js';
import { FORMS } from './smuggling-forms.js';

const pair = contract();

/** An application that answers each head at once, and notes every byte of every connection. */
async function noting() {
  const seen: string[] = [];
  const ways = await pair.raw(async (connection, nth) => {
    const note = (bytes: string) => (seen[nth] = (seen[nth] ?? '') + bytes);
    note(connection.received);
    connection.socket.on('data', (bytes: Buffer) => note(bytes.toString('latin1')));
    for (;;) {
      await connection.head();
      connection.write(ok());
      await connection.message();
    }
  });
  return { ways, seen };
}

/** Why servers may disagree about this head; nothing where there is but one way to read it. */
function ambiguities(head: string): string[] {
  const [first = '', ...lines] = head.split('\r\n');
  const fields = lines.map(
    (line) => [line.split(':', 1)[0]?.toLowerCase() ?? '', line.slice(line.indexOf(':') + 1).trim()] as [string, string],
  );
  const [lengths, encodings] = [values({ fields }, 'content-length'), values({ fields }, 'transfer-encoding')];
  const found: Record<string, boolean> = {
    'a first line of other than three words': !/^[!-~]+ [!-\xff]+ HTTP\/1\.[01]$/.test(first),
    'a field that is none': lines.some((line) => !/^[\w!#$%&'*+.^`|~-]+:/.test(line)),
    'a control character': [...head.replaceAll('\r\n', '')].some(
      (character) => character !== '\t' && (character < ' ' || character === '\x7f'),
    ),
    'a length and an encoding': lengths.length > 0 && encodings.length > 0,
    'lengths that are not one number': lengths.length > 1 || lengths.some((length) => !/^\d{1,15}$/.test(length)),
    'an encoding other than chunked': encodings.length > 1 || encodings.some((encoding) => encoding.toLowerCase() !== 'chunked'),
    'chunks in HTTP/1.0': first.endsWith('1.0') && encodings.length > 0,
    'other than one host': values({ fields }, 'host').length > 1,
    'not made by the router': values({ fields }, 'x-forwarded-for').join() !== '127.0.0.1',
  };
  return Object.keys(found).filter((what) => found[what]);
}

/** Reads what came over one connection to the application as a strict server would. */
function readStrictly(bytes: string): { requests: string[]; problems: string[] } {
  const [requests, problems]: [string[], string[]] = [[], []];
  for (let rest = bytes; rest; ) {
    const head = rest.slice(0, rest.indexOf('\r\n\r\n'));
    const read = readMessage(rest, true);
    requests.push(head.split('\r\n', 1)[0] ?? '');
    problems.push(...ambiguities(head));
    rest = rest.slice(read?.taken ?? rest.length);
  }
  return { requests, problems };
}

describe('what two servers may read differently', () => {
  it.each(Object.keys(FORMS))('is refused, or there is one way to read what the application gets: %s', async (form) => {
    const { ways, seen } = await noting();
    const client = await Wire.open(ways.through, FORMS[form]);
    const first = await client.message('GET');
    client.close();
    for (const bytes of seen) expect(readStrictly(bytes)).toMatchObject({ problems: [] });
    if (seen.length === 0) expect(first.start).toMatch(/^HTTP\/1.1 (400|422|501|505) /);
  });
});
