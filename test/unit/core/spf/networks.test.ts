import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { isInNetwork, parseIp } from '#shared/core/spf/ip-address.ts';
import { aggregate, masked, networkMechanism, type Network } from '#shared/core/spf/networks.ts';

const networkOf = (text: string): Network => {
  const [address = '', prefix] = text.split('/');
  const parsed = parseIp(address)!;
  return { address: parsed, prefix: prefix === undefined ? parsed.length * 8 : Number(prefix) };
};
const aggregated = (...texts: string[]) => aggregate(texts.map(networkOf)).map(networkMechanism);

test('halves of a network become the network, over and over', () => {
  expect(aggregated('192.0.2.0/25', '192.0.2.128/26', '192.0.2.192/26')).toEqual([
    'ip4:192.0.2.0/24',
  ]);
  expect(aggregated('2001:db8::/33', '2001:db8:8000::/33')).toEqual(['ip6:2001:db8::/32']);
  expect(aggregated('0.0.0.0/1', '128.0.0.0/1')).toEqual(['ip4:0.0.0.0/0']);
});

test('neighbours that are no halves stay two', () => {
  expect(aggregated('192.0.2.1', '192.0.2.2')).toEqual(['ip4:192.0.2.1', 'ip4:192.0.2.2']);
});

test('a network inside another goes, and so do bits behind the prefix', () => {
  expect(aggregated('192.0.2.77', '192.0.2.9/24', '192.0.2.9/24')).toEqual(['ip4:192.0.2.0/24']);
});

test('the two families are apart', () => {
  expect(aggregated('0.0.0.0/0', '::/0')).toEqual(['ip4:0.0.0.0/0', 'ip6:::/0']);
});

test('each takes the place of its first part', () => {
  expect(aggregated('198.51.100.1', '192.0.2.0/25', '10.0.0.1', '192.0.2.128/25')).toEqual([
    'ip4:198.51.100.1',
    'ip4:192.0.2.0/24',
    'ip4:10.0.0.1',
  ]);
});

const holds = (networks: readonly Network[], address: Uint8Array) =>
  networks.some((one) => isInNetwork(address, one.address, one.prefix));

/** Few distinct bits, so that networks meet. */
const network = fc
  .tuple(
    fc.constantFrom(4, 16),
    fc.array(fc.constantFrom(0, 1, 128, 192, 255), { minLength: 16, maxLength: 16 }),
    fc.nat(128),
  )
  .map(([size, octets, prefix]): Network => ({
    address: Uint8Array.from(octets.slice(0, size)),
    prefix: Math.min(prefix, size * 8),
  }));

test('aggregation keeps every address and adds none', () => {
  fc.assert(
    fc.property(fc.array(network, { maxLength: 12 }), fc.array(network), (networks, probes) => {
      const fewer = aggregate(networks);
      const edges = fewer.flatMap(({ address, prefix }) => [
        address,
        address.map((octet, index) =>
          index === Math.floor((prefix - 1) / 8) ? octet ^ (1 << ((8 - (prefix % 8)) % 8)) : octet,
        ),
      ]);
      for (const address of [...networks, ...probes].map((one) => one.address).concat(edges)) {
        expect(holds(fewer, address)).toBe(holds(networks, address));
      }
      expect(fewer.length).toBeLessThanOrEqual(networks.length);
      expect(aggregate(fewer)).toEqual(fewer);
      expect(fewer.map(masked)).toEqual(fewer);
    }),
  );
});
