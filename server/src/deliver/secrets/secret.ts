import { shorten } from '@slipway/protocol';
import { OWN_NAME, SECRET_NAME, SECRET_NAME_RULE } from '../../build/pipelines/names.js';
import { DomainError } from '../../platform/errors.js';

/** What AES-GCM binds a value to: the same bytes anywhere else don't decrypt. */
export type SecretPlace = { projectId: string; environmentId: string | null; name: string; version: number };

const MAX_BYTES = 64 * 1024;
/** Shorter ones are not masked in logs, see agents/src/logs/secret-forms.ts: they would blot out ordinary text and still be guessed. */
const MIN_CHARACTERS = 3;

/** @throws DomainError */
export function checkSecret(name: string, value: string): void {
  checkSecretName(name);
  if (value === '') throw badSecret(`The value of "${name}" is empty. Give it a value, or delete the secret.`);
  if (value.includes('\0'))
    throw badSecret(`The value of "${name}" contains a NUL character, which no process can be given. Encode it, e.g. as base64.`);
  if ([...value.trim()].length < MIN_CHARACTERS)
    throw badSecret(
      `The value of "${name}" has fewer than ${MIN_CHARACTERS} characters, not counting spaces at its ends, so it can't be masked in logs and is quickly guessed. Use a longer value, or make it an environment variable if it is not secret.`,
    );
  const bytes = Buffer.byteLength(value);
  if (bytes > MAX_BYTES)
    throw badSecret(
      `The value of "${name}" is ${bytes} bytes long; ${MAX_BYTES} are allowed. Store a key to the data instead of the data itself.`,
    );
}

/** @throws DomainError */
export function checkSecretName(name: string): void {
  if (SECRET_NAME.test(name)) return;
  if (OWN_NAME.test(name)) throw badSecret(`"${name}" is set by Slipway itself. Choose another name.`);
  throw badSecret(`"${shorten(name, 150)}" can't name a secret. Use ${SECRET_NAME_RULE}, e.g. "API_KEY".`);
}

const badSecret = (message: string) => new DomainError('bad_input', 'bad_secret', message);
