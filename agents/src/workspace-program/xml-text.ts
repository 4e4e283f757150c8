/**
 * What reads the bytes of an XML document as text, told by how it begins: by a byte order mark, by the zeros of UTF-16, or by the
 * encoding that it declares. https://www.w3.org/TR/xml/#sec-guessing
 * @throws Error naming an encoding that nobody knows
 */
export function xmlDecoder(head: Buffer): InstanceType<typeof TextDecoder> {
  const [first, second] = head;
  if ((first === 0xff && second === 0xfe) || (first === 0x3c && second === 0)) return new TextDecoder('utf-16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second === 0x3c)) return new TextDecoder('utf-16be');
  const [, declared = 'utf-8'] = DECLARATION.exec(head.toString('latin1', 0, MAX_DECLARATION)) ?? [];
  // It could be read so far: whatever it says, it has no UTF-16.
  if (/^utf-?16/i.test(declared)) return new TextDecoder();
  try {
    return new TextDecoder(declared);
  } catch {
    throw new Error(`its encoding "${declared}" is not supported; write it as UTF-8`);
  }
}

const MAX_DECLARATION = 300;
const DECLARATION = /^(?:\xef\xbb\xbf)?<\?xml[^>]{0,200}?encoding\s{0,10}=\s{0,10}["']([A-Za-z][\w.-]{0,40})["']/;
