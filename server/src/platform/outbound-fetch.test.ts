import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { OutboundAddresses } from './outbound-addresses.js';
import { outboundFetch } from './outbound-fetch.js';

const asked: string[] = [];
const server = createServer((request, response) => {
  asked.push(`${request.method} ${request.headers.host}`);
  response.end('there');
});
let port = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  port = (server.address() as AddressInfo).port;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

it('reaches a host that is allowed, by the address that was checked', async () => {
  const fetch = outboundFetch(new OutboundAddresses(['git.test'], async () => [{ address: '127.0.0.1' }]));
  const response = await fetch(`http://git.test:${port}/`, { method: 'POST', body: '{}' });
  expect(await response.text()).toBe('there');
  expect(asked).toEqual([`POST git.test:${port}`]);
});

it.each(['127.0.0.1', '[::1]', '0x7f.1', '2130706433', 'localhost'])('does not reach %s unless it is allowed', async (host) => {
  const fetch = outboundFetch(new OutboundAddresses([]));
  const before = asked.length;
  await expect(fetch(`http://${host}:${port}/`, {})).rejects.toThrow(expect.objectContaining({ code: 'address_refused' }));
  expect(asked.length).toBe(before);
});

it('does not reach an inner address that a name leads to when it is looked up again', async () => {
  const answers = ['93.184.216.34', '127.0.0.1'];
  const fetch = outboundFetch(new OutboundAddresses([], async () => [{ address: answers.shift() ?? '127.0.0.1' }]));
  const before = asked.length;
  await expect(fetch(`http://rebinding.test:${port}/`, {})).rejects.toThrow();
  expect(asked.length).toBe(before);
});

it('does not take a credential over plain HTTP to a host that nobody here vouches for', async () => {
  const headers = { authorization: 'Bearer secret' };
  const open = outboundFetch(new OutboundAddresses([], async () => [{ address: '93.184.216.34' }]));
  await expect(open(`http://git.test:${port}/`, { headers })).rejects.toThrow(expect.objectContaining({ code: 'plain_http' }));
  const known = outboundFetch(new OutboundAddresses(['git.test'], async () => [{ address: '127.0.0.1' }]));
  expect((await known(`http://git.test:${port}/`, { headers })).status).toBe(200);
});
