import { fastify } from 'fastify';
import { describe, expect, it } from 'vitest';
import { clientAddress, networkOf, trustFirst } from './client-address.js';

const asked = (forwarded: string | string[] | undefined, remoteAddress = '10.0.0.1') => ({
  headers: { 'x-forwarded-for': forwarded },
  socket: { remoteAddress },
});

/** As good as any: what somebody writes who wants to be another. */
const FORGED = [
  '',
  ' ',
  ',',
  ',,,',
  '1.2.3.4',
  '1.2.3.4, 5.6.7.8',
  'unknown',
  '::1',
  '_hidden',
  "'; drop",
  '1.2.3.4,'.repeat(2_000),
  '\t127.0.0.1\t',
];

describe('the address of who asks', () => {
  it('is that of the connection when no proxy is trusted, whatever the header says', () => {
    for (const forged of FORGED) expect(clientAddress(asked(forged), 0)).toBe('10.0.0.1');
  });

  it('is what the outermost trusted proxy heard from, whatever the caller wrote before', () => {
    for (const forged of FORGED) {
      expect(clientAddress(asked(`${forged}, 203.0.113.7`), 1)).toBe('203.0.113.7');
      expect(clientAddress(asked([forged, '203.0.113.7'].filter(Boolean)), 1)).toBe('203.0.113.7');
      expect(clientAddress(asked(`${forged},203.0.113.7 , 10.0.0.2`), 2)).toBe('203.0.113.7');
    }
  });

  it('is the last that is told when a proxy tells nothing', () => {
    expect(clientAddress(asked(undefined), 1)).toBe('10.0.0.1');
    expect(clientAddress(asked('203.0.113.7'), 3)).toBe('203.0.113.7');
    expect(clientAddress({ headers: {}, socket: {} }, 1)).toBe('');
  });

  it.each([0, 1, 2])('is the same for a request and for the upgrade of a web socket, with %i proxies', async (proxies) => {
    const app = fastify({ trustProxy: trustFirst(proxies) });
    app.get('/', async (request) => ({ ip: request.ip, own: clientAddress(request.raw, proxies) }));
    for (const forwarded of ['1.2.3.4', '1.2.3.4, 5.6.7.8', '9.9.9.9, 1.2.3.4, 5.6.7.8', ...(proxies === 0 ? FORGED : [])]) {
      const { ip, own } = (await app.inject({ url: '/', headers: { 'x-forwarded-for': forwarded } })).json();
      expect(own).toBe(ip);
    }
    await app.close();
  });
});

it.each([
  ['203.0.113.7', '203.0.113.7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:db8:1:2::6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::', '2001:db8:1:2::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['unknown', 'unknown'],
])('the network of %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
