import { hkdfSync } from 'node:crypto';

/** Of what `newSecret` makes; whatever else came by the name was planted, and there may be much of it. */
const SECRET = /^[0-9A-Za-z]{43}$/;

/**
 * The name of the session's cookie. Each installation has its own, so that two on one host don't sign each other out. Over https it begins with
 * `__Host-`: browsers take such a cookie only from https and for this host alone, without a Domain
 * (https://datatracker.ietf.org/doc/html/draft-ietf-httpbis-rfc6265bis, 4.1.3.2).
 */
export class SessionCookie {
  private readonly names: { plain: string; secure: string };

  constructor(installationKey: Uint8Array) {
    const id = Buffer.from(hkdfSync('sha256', installationKey, '', 'slipway session cookie', 6)).toString('hex');
    this.names = { plain: `slipway_${id}`, secure: `__Host-slipway_${id}` };
  }

  /** @param origin scheme and host as the caller addressed the server */
  nameFor(origin: string): string {
    return origin.startsWith('https:') ? this.names.secure : this.names.plain;
  }

  /** Every value that came by one of the names and may be a session's. There are as many as headers have room for. */
  valuesIn(header: string | undefined): string[] {
    const pairs = header?.split(';').map((pair) => pair.trim()) ?? [];
    const values = Object.values(this.names).flatMap((name) =>
      pairs.filter((pair) => pair.startsWith(`${name}=`)).map((pair) => pair.slice(name.length + 1)),
    );
    return [...new Set(values)].filter((value) => SECRET.test(value));
  }
}
