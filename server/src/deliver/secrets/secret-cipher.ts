import { SealedBox } from '../../platform/sealed-box.js';
import type { SecretPlace } from './secret.js';

/** Secrets at rest, bound to their place: moved to another project, environment, name or version, a ciphertext does not decrypt. */
export class SecretCipher {
  private readonly box: SealedBox;

  /** @param key 32 random bytes */
  constructor(key: Uint8Array) {
    this.box = new SealedBox(key);
  }

  seal(place: SecretPlace, value: string): Buffer {
    return this.box.seal(bindingOf(place), value);
  }

  /** @throws SecretUnreadable when the bytes were sealed elsewhere, changed, or with another key */
  open(place: SecretPlace, stored: Uint8Array): string {
    try {
      return this.box.open(bindingOf(place), stored);
    } catch (cause) {
      throw new SecretUnreadable(place, cause);
    }
  }
}

export class SecretUnreadable extends Error {
  constructor(place: SecretPlace, cause: unknown) {
    super(
      `Secret "${place.name}" (version ${place.version}) can't be read: it was stored in another place, changed, or sealed with another key. Set it again.`,
      { cause },
    );
  }
}

const bindingOf = ({ projectId, environmentId, name, version }: SecretPlace) => ['slipway secret', projectId, environmentId, name, version];
