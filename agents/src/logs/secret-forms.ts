/** A single-line value shorter than this is not masked: it would blot out ordinary text and still be guessed. */
const MIN_VALUE_BYTES = 3;
/** The same for a line of a longer value, and for what encodings leave of a short one. */
const MIN_PART_BYTES = 5;
/** A longer value is a file: looked for as it is, in JSON, URLs and base64, as every further form takes 33 bytes of memory for each of its bytes. */
const MAX_FULLY_ENCODED_CHARS = 4096;

/**
 * All byte patterns under which a secret may show up in a log, without line feeds, carriage returns and escape sequences (the matcher reads
 * past those): as it is and each of its lines, escaped for JSON, URLs, HTML and shells, in UTF-16, hex, and base64 and base32 at each of the
 * alignments a longer text can give it.
 */
export function secretForms(value: string): Buffer[] {
  const forms = new Map<string, Buffer>();
  const add = (form: string | Buffer, minBytes: number) => {
    const bytes = Buffer.from(Buffer.from(form).filter((byte) => byte !== 10 && byte !== 13));
    if (bytes.length >= minBytes) forms.set(bytes.toString('latin1'), bytes);
  };
  add(value, MIN_VALUE_BYTES);
  add(value.trim(), MIN_VALUE_BYTES);
  if (forms.size === 0) return [];
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
  const isFile = value.length > MAX_FULLY_ENCODED_CHARS;
  for (const line of lines.length > 1 ? lines : []) {
    add(line, MIN_PART_BYTES);
    for (const form of isFile ? textForms(line) : [...textForms(line), ...quotedForms(line)]) add(form, MIN_PART_BYTES);
  }
  for (const whole of new Set([value, value.trim()])) {
    for (const form of [...textForms(whole), ...base64Forms(Buffer.from(whole))]) add(form, MIN_PART_BYTES);
    for (const form of isFile ? [] : [...quotedForms(whole), ...furtherForms(whole)]) add(form, MIN_PART_BYTES);
  }
  return [...forms.values()];
}

function textForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  const ascii = json.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  const url = encodeUri(text);
  const strict = url.replace(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`);
  const lower = (encoded: string) => encoded.replace(/%[0-9A-F]{2}/g, (code) => code.toLowerCase());
  const urls = [url, strict, strict.replaceAll('~', '%7E')].flatMap((form) => [form, form.replaceAll('%20', '+')]);
  return [json, json.replaceAll('/', '\\/'), ascii, ...urls, ...urls.map(lower)];
}

function quotedForms(text: string): string[] {
  const json = JSON.stringify(text).slice(1, -1);
  // As Go, Rails and others write it, so that it can stand in HTML.
  const safe = json.replace(/[<>&]/g, (c) => `\\u00${c.charCodeAt(0).toString(16)}`);
  return [safe, ...htmlForms(text), ...shellForms(text)];
}

/** How libraries write an apostrophe and a quote; all write the other three characters alike. */
const HTML_QUOTES = [
  ["'", '"'],
  ["'", '&quot;'],
  ['&#39;', '&quot;'],
  ['&#x27;', '&quot;'],
  ['&#039;', '&quot;'],
  ['&apos;', '&quot;'],
  ['&#39;', '&#34;'],
] as const;

function htmlForms(text: string): string[] {
  const basic = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const ascii = (form: string, name: (code: number) => string) => form.replace(/[^\0-\x7f]/gu, (c) => name(c.codePointAt(0) as number));
  return HTML_QUOTES.flatMap(([apostrophe, quote]) => {
    const form = basic.replaceAll("'", apostrophe).replaceAll('"', quote);
    return [form, ascii(form, (code) => `&#${code};`), ascii(form, (code) => `&#x${code.toString(16)};`)];
  });
}

/** As `set -x`, `printf %q` and people quote it. */
function shellForms(text: string): string[] {
  return [
    text.replaceAll("'", "'\\''"),
    text.replaceAll("'", `'"'"'`),
    text.replace(/["$`\\]/g, '\\$&'),
    text.replace(/[^\w@%+=:,./\u0080-\uffff-]/g, '\\$&'),
  ];
}

function furtherForms(text: string): (string | Buffer)[] {
  const [bytes, little] = [Buffer.from(text), Buffer.from(text, 'utf16le')];
  return [...base32Forms(bytes), ...hexForms(bytes), ...base64Forms(little), little, Buffer.from(little).swap16()];
}

/** In one piece, as `od` and `xxd` part it, as fingerprints are written, and as escapes of C and URLs. */
function hexForms(bytes: Buffer): string[] {
  const pairs = [...bytes].map((byte) => byte.toString(16).padStart(2, '0'));
  const words = bytes.toString('hex').replace(/.{4}(?=.)/g, '$& ');
  const forms = [pairs.join(''), words, pairs.join(' '), pairs.join(':'), pairs.map((pair) => `\\x${pair}`).join('')];
  const percent = pairs.map((pair) => `%${pair}`).join('');
  return [...forms, percent].flatMap((form) => [form, form.toUpperCase().replaceAll('\\X', '\\x')]);
}

/** A lone surrogate has no UTF-8 form, so it cannot come out of a process either. */
const encodeUri = (text: string) => encodeURIComponent(text.toWellFormed());

/**
 * What base64 makes of `bytes` inside a longer text. At alignment k, k bytes stand before them in their group of three;
 * characters that depend on neighbours too are left out.
 */
function base64Forms(bytes: Buffer): string[] {
  const forms = [0, 1, 2].map((before) => {
    const encoded = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    const start = [0, 2, 3][before];
    return encoded.slice(start, Math.floor(((before + bytes.length) * 8) / 6));
  });
  forms.push(bytes.toString('base64').replace(/=+$/, ''));
  return forms.flatMap((form) => [form, form.replaceAll('+', '-').replaceAll('/', '_')]);
}

/** RFC 4648, chapter 6: five bytes become eight characters. */
function base32Forms(bytes: Buffer): string[] {
  const forms = [0, 1, 2, 3, 4].map((before) => {
    const start = Math.ceil((before * 8) / 5);
    return base32(Buffer.concat([Buffer.alloc(before), bytes])).slice(start, Math.floor(((before + bytes.length) * 8) / 5));
  });
  return [...forms, base32(bytes)].flatMap((form) => [form, form.toLowerCase()]);
}

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

function base32(bytes: Buffer): string {
  let [out, bits, value] = ['', 0, 0];
  for (const byte of bytes) {
    value = ((value << 8) | byte) & 0xfff;
    for (bits += 8; bits >= 5; bits -= 5) out += BASE32[(value >> (bits - 5)) & 31];
  }
  return bits > 0 ? out + BASE32[(value << (5 - bits)) & 31] : out;
}
