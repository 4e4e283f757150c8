import { BlockList } from 'node:net';
import { describe, expect, it } from 'vitest';
import { closedNetworks, parseNetwork } from './closed-networks.js';

const isClosed = (networks: string[], address: string): boolean => {
  const list = new BlockList();
  for (const [first = '', prefix] of networks.map((network) => network.split('/'))) list.addSubnet(first, Number(prefix), 'ipv4');
  return list.check(address, 'ipv4');
};

describe('networks that are closed to jobs', () => {
  it.each([
    ...['169.254.169.254', '10.0.0.1', '10.255.255.255', '172.31.0.9', '192.168.1.1', '100.64.0.1', '0.0.0.0', '192.0.2.1'],
    ...['224.0.0.251', '239.255.255.250', '240.0.0.1', '255.255.255.255', '203.0.114.9'],
  ])('%s is closed', (address) => expect(isClosed(closedNetworks([], ['203.0.114.9']), address)).toBe(true));

  it.each(['1.1.1.1', '9.255.255.255', '11.0.0.0', '172.32.0.0', '203.0.114.10', '223.255.255.254'])('%s is open', (address) =>
    expect(isClosed(closedNetworks([], ['203.0.114.9']), address)).toBe(false),
  );

  it('opens what is allowed, to the address, and nothing beside it', () => {
    const networks = closedNetworks(['10.1.0.0/16', '192.168.1.5', '203.0.113.9'], ['203.0.113.9']);
    for (const open of ['10.1.0.0', '10.1.255.255', '192.168.1.5', '203.0.113.9'])
      expect([open, isClosed(networks, open)]).toEqual([open, false]);
    for (const shut of ['10.0.255.255', '10.2.0.0', '10.255.255.255', '192.168.1.4', '192.168.1.6', '192.168.255.255'])
      expect([shut, isClosed(networks, shut)]).toEqual([shut, true]);
  });

  it('names none twice, as no route can be set twice', () => {
    const networks = closedNetworks([], ['203.0.113.9', '203.0.113.9', '10.0.0.5', '10.0.0.5']);
    expect(new Set(networks).size).toBe(networks.length);
  });

  it('closes nothing where all is allowed', () => expect(closedNetworks(['0.0.0.0/0'], ['203.0.113.9'])).toEqual([]));

  it.each(['', '10.0.0', '10.0.0.0/33', '10.0.0.0/x', '10.0.0.0/8/8', '10.0.0.0/', 'example.com', '::1'])('"%s" is no network', (text) => {
    expect(parseNetwork(text)).toBeNull();
  });
});
