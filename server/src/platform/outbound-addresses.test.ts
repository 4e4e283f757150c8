import { describe, expect, it } from 'vitest';
import { isAllowEntry, type Lookup, OutboundAddresses } from './outbound-addresses.js';

const leadsTo =
  (...addresses: string[]): Lookup =>
  async () =>
    addresses.map((address) => ({ address }));

const code = (error: unknown) => (error as { code?: string }).code;

describe('addresses that may be reached', () => {
  it.each(['1.1.1.1', '140.82.121.4', '100.63.0.1', '172.32.0.1', '223.255.255.254', '2606:50c0:8000::154', '2a00:1450::1'])(
    'takes the public %s',
    async (address) => {
      expect(await new OutboundAddresses([], leadsTo(address)).resolve('host.example')).toEqual({ addresses: [address], vouched: false });
    },
  );

  it.each([
    '0.0.0.0',
    '0.1.2.3',
    '10.0.0.1',
    '100.64.0.1',
    '127.0.0.1',
    '127.255.255.254',
    '169.254.169.254',
    '172.16.0.1',
    '172.31.255.255',
    '192.0.0.192',
    '192.168.1.1',
    '198.18.0.1',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '::ffff:0:7f00:1',
    '64:ff9b::7f00:1',
    '64:ff9b:1::a00:1',
    '100::1',
    '2001::1',
    '2001:db8::1',
    '2002:7f00:1::',
    'fc00::1',
    'fd00:ec2::254',
    'fe80::1',
    'fe80::1%eth0',
    'fec0::1',
    'ff02::1',
  ])('refuses the inner %s behind a name', async (address) => {
    const error = await new OutboundAddresses([], leadsTo(address)).resolve('innocent.example').catch((e) => e);
    expect(code(error)).toBe('address_refused');
    expect(error.message).toContain('SLIPWAY_GIT_ALLOW');
  });

  // As the system's own resolver reads them.
  it.each([
    'localhost',
    'LOCALHOST.',
    '127.1',
    '0177.0.0.1',
    '0x7f.1',
    '0x7f000001',
    '2130706433',
    '017700000001',
    '[::1]',
    '[::ffff:7f00:1]',
    '0',
  ])('refuses loopback spelled %s', async (spelling) => {
    expect(code(await new OutboundAddresses([]).resolve(spelling).catch((error) => error))).toBe('address_refused');
  });

  it('passes over inner addresses of a name that has public ones too', async () => {
    const mixed = new OutboundAddresses([], leadsTo('127.0.0.1', '1.1.1.1', '::1'));
    expect((await mixed.resolve('host.example')).addresses).toEqual(['1.1.1.1']);
  });

  it('says so when nothing is known by the name', async () => {
    expect(code(await new OutboundAddresses([], leadsTo()).resolve('slip.example').catch((error) => error))).toBe('host_not_found');
  });

  it.each([
    ['10.1.0.0/16', '10.1.2.3'],
    ['10.1.2.3', '10.1.2.3'],
    ['fd00::/8', 'fd12::1'],
    ['Git.Example', '192.168.0.7'],
  ])('lets %s allow %s, and nothing beside it', async (allow, address) => {
    expect(await new OutboundAddresses([allow], leadsTo(address)).resolve('git.example')).toEqual({ addresses: [address], vouched: true });
    const other = new OutboundAddresses([allow], leadsTo('10.2.0.1', 'fe80::1'));
    expect(code(await other.resolve('other.example').catch((error) => error))).toBe('address_refused');
  });

  it('knows what can stand in the setting', () => {
    expect(['git.example', 'gitlab', '10.0.0.0/8', '::1', 'fd00::/8'].filter((entry) => !isAllowEntry(entry))).toEqual([]);
    expect(['10.0.0.0/33', 'git.example/8', 'http://git.example', '', 'a b', '*', 'fd00::/129'].filter(isAllowEntry)).toEqual([]);
  });
});
