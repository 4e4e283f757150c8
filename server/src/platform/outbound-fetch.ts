import type { LookupFunction } from 'node:net';
import { DomainError } from './errors.js';
import type { OutboundAddresses } from './outbound-addresses.js';

/**
 * `fetch` that reaches only addresses that may be: the name is resolved once, checked, and the connection is made to what was
 * checked. Loaded at the first request, as most installations make none.
 * @throws DomainError `host_not_found`, `address_refused`, `plain_http`
 */
export function outboundFetch(addresses: OutboundAddresses): (url: string, init: RequestInit) => Promise<Response> {
  let loaded: Promise<(url: string, init: RequestInit) => Promise<Response>> | null = null;
  return async (url, init) => {
    // An address in the URL is connected to without a look-up, so it is checked here.
    const { protocol, hostname } = new URL(url);
    const { vouched } = await addresses.resolve(hostname);
    if (protocol === 'http:' && !vouched && new Headers(init.headers).has('authorization')) throw plainHttp(hostname);
    loaded ??= load(addresses);
    return (await loaded)(url, init);
  };
}

async function load(addresses: OutboundAddresses): Promise<(url: string, init: RequestInit) => Promise<Response>> {
  const { Agent, fetch } = await import('undici');
  const dispatcher = new Agent({ connect: { lookup: checkedLookup(addresses) } });
  type Init = Parameters<typeof fetch>[1];
  return async (url, init) => (await fetch(url, { ...(init as Init), dispatcher })) as unknown as Response;
}

function checkedLookup(addresses: OutboundAddresses): LookupFunction {
  return (hostname, options, callback) => {
    addresses.resolve(hostname).then(
      (found) => {
        const all = found.addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
        if (options.all) callback(null, all);
        else callback(null, all[0]?.address ?? '', all[0]?.family ?? 4);
      },
      (error: NodeJS.ErrnoException) => callback(error, '', 4),
    );
  };
}

const plainHttp = (hostname: string) =>
  new DomainError(
    'bad_input',
    'plain_http',
    `Over http:// anybody on the network path could read the credential for ${hostname}. Use the https address of its API.`,
  );
