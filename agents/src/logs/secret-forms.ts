/** A single-line value shorter than this is not masked: it would blot out ordinary text and still be guessed. */
const MIN_VALUE_BYTES = 3;
/** The same for a line of a longer value, and for what encodings leave of a short one. */
const MIN_PART_BYTES = 5;

/**
 * All byte patterns under which a secret may show up in a log, without line feeds and carriage returns (the matcher reads
 * past those): as it is, each of its lines, JSON-escaped, URL-encoded, in base64 at each of the three alignments a longer text can give it.
 */
export function secretForms(value: string): Buffer[] {
  const forms = new Map<string, Buffer>();
  const add = (text: string, minBytes: number) => {
    const bytes = Buffer.from(text.replace(/[\r\n]/g, ''));
    if (bytes.length >= minBytes) forms.set(bytes.toString('latin1'), bytes);
  };
  add(value, MIN_VALUE_BYTES);
  add(value.trim(), MIN_VALUE_BYTES);
  if (forms.size === 0) return [];
  const lines = value.split(/\r\n|\r|\n/).map((line) => line.trim());
  for (const line of lines.length > 1 ? lines : []) {
    add(line, MIN_PART_BYTES);
    for (const form of textForms(line)) add(form, MIN_PART_BYTES);
  }
  for (const whole of new Set([value, value.trim()])) {
    for (const form of [...textForms(whole), ...base64Forms(Buffer.from(whole))]) add(form, MIN_PART_BYTES);
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
