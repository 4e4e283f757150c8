import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import { shorten } from '@slipway/protocol';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** GitHub's own limit; no other host sends more. */
export const MAX_PAYLOAD_BYTES = 25 * 1024 * 1024;
/** Larger ones are shown as they came: laying them out would hold up the server. */
const MAX_LAID_OUT_BYTES = 1024 * 1024;
const MAX_SHOWN_CHARACTERS = 256 * 1024;

/** All payloads are stored whole, as zstd: JSON of this kind shrinks to a fifth or less. */
export const packPayload = (body: Uint8Array): Promise<Buffer> => compress(body);
export const unpackPayload = (stored: Uint8Array): Promise<Buffer> => decompress(stored, { maxOutputLength: MAX_PAYLOAD_BYTES });

/** The body is neither JSON nor a form that contains JSON; the message completes "The payload …". */
export class UnreadablePayload extends Error {}

/**
 * @param contentType hosts may send a form with the JSON in its field `payload`
 * @throws UnreadablePayload
 */
export function readPayload(body: Uint8Array, contentType: string | null): unknown {
  try {
    return JSON.parse(jsonOf(body, contentType));
  } catch (error) {
    if (error instanceof UnreadablePayload) throw error;
    throw new UnreadablePayload(`is not JSON: ${(error as Error).message}`, { cause: error });
  }
}

/** For people: JSON laid out over lines where it is JSON, and only the beginning of what is very long. */
export function showPayload(body: Uint8Array, contentType: string | null): { text: string; truncated: boolean } {
  if (body.length > MAX_LAID_OUT_BYTES) return showBeginning(body);
  const text = laidOut(body, contentType);
  const shown = shorten(text, MAX_SHOWN_CHARACTERS);
  return { text: shown, truncated: shown !== text };
}

/** As it came. */
export function showBeginning(body: Uint8Array): { text: string; truncated: boolean } {
  const text = asText(body.subarray(0, MAX_SHOWN_CHARACTERS));
  return { text, truncated: body.length > MAX_SHOWN_CHARACTERS };
}

function laidOut(body: Uint8Array, contentType: string | null): string {
  try {
    return JSON.stringify(readPayload(body, contentType), null, 2);
  } catch (error) {
    // Reading takes any depth, writing does not.
    if (error instanceof UnreadablePayload || error instanceof RangeError) return asText(body);
    throw error;
  }
}

function jsonOf(body: Uint8Array, contentType: string | null): string {
  const text = utf8(body);
  if (!contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded')) return text;
  const field = new URLSearchParams(text).get('payload');
  if (field === null) throw new UnreadablePayload('is a form without a field "payload"');
  return field;
}

function utf8(body: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body);
  } catch (cause) {
    throw new UnreadablePayload('is not valid UTF-8', { cause });
  }
}

/** Without the character that the end may cut in two. */
const asText = (body: Uint8Array): string => new TextDecoder().decode(body, { stream: true });
