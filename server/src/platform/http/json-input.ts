import { DomainError } from '../errors.js';

const MAX_DEPTH = 32;
const MAX_VALUES = 20_000;

/**
 * Refuses JSON of a caller that nothing here needs and some things choke on: nested without end, with more values than any call takes, with texts that are
 * no Unicode or can not be stored, with keys that reach for prototypes. Walks without recursion, and stops at the first find.
 *
 * @throws DomainError
 */
export function checkJson(root: unknown): void {
  const open: { value: unknown; depth: number }[] = [{ value: root, depth: 0 }];
  let values = 0;
  for (let next = open.pop(); next; next = open.pop()) {
    const { value, depth } = next;
    if (++values > MAX_VALUES) throw refuse('too_many_values', `has more than ${MAX_VALUES} values. Send less at once.`);
    if (typeof value === 'string') checkText(value);
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw refuse('too_deep', `is nested more than ${MAX_DEPTH} levels deep. Flatten it.`);
    if (!Array.isArray(value)) for (const key of Object.keys(value)) checkKey(key);
    const inner = Array.isArray(value) ? value : Object.values(value);
    if (values + open.length + inner.length > MAX_VALUES)
      throw refuse('too_many_values', `has more than ${MAX_VALUES} values. Send less at once.`);
    for (const each of inner) open.push({ value: each, depth: depth + 1 });
  }
}

function checkKey(key: string): void {
  if (key === '__proto__') throw refuse('bad_key', 'has the key "__proto__", which is not allowed. Leave it out.');
  checkText(key);
}

function checkText(text: string): void {
  if (!text.isWellFormed())
    throw refuse('bad_text', 'has a text with half of a surrogate pair, which is not valid Unicode. Send whole characters.');
  if (text.includes('\0')) throw refuse('bad_text', "has a text with a NUL character, which can't be stored. Leave it out.");
}

const refuse = (code: string, what: string) => new DomainError('bad_input', code, `The JSON sent ${what}`);
