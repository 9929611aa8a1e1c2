import { isInNetwork, parseIp } from '#shared/core/spf/ip-address.ts';

/**
 * Networks that are not the public internet: IANA's special-purpose registries (RFC 6890 and what
 * was added since), multicast and reserved. IPv6 counts as public in 2000::/3 only, and there not
 * where another address is wrapped in it (6to4, Teredo).
 */
const special = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.31.196.0/24',
  '192.52.193.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '192.175.48.0/24',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  '2620:4f:8000::/48',
  '3fff::/20',
].map(networkOf);
const globalUnicast = networkOf('2000::/3');

function networkOf(text: string) {
  const [address = '', prefix] = text.split('/');
  const parsed = parseIp(address);
  if (parsed === undefined) throw new Error(`${text} is no network`);
  return { address: parsed, prefix: Number(prefix) };
}

/** Returns true if an address is on the public internet, false for what is no address. */
export function isPublicAddress(text: string): boolean {
  // A zone index (fe80::1%eth0) makes it no address here, and so not public.
  const address = parseIp(text);
  if (address === undefined) return false;
  const lies = ({ address: network, prefix }: ReturnType<typeof networkOf>) =>
    isInNetwork(address, network, prefix);
  return (address.length === 4 || lies(globalUnicast)) && !special.some(lies);
}
