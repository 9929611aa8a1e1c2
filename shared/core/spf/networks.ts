import { formatIp, isInNetwork, type IpAddress } from './ip-address.ts';

/** Addresses that share their first `prefix` bits. */
export interface Network {
  readonly address: IpAddress;
  readonly prefix: number;
}

/** The network with the bits behind its prefix cleared. */
export function masked({ address, prefix }: Network): Network {
  const cleared = address.map((octet, index) => {
    const kept = Math.min(8, Math.max(0, prefix - index * 8));
    return octet & (0xff << (8 - kept));
  });
  return { address: cleared, prefix };
}

/**
 * Returns the fewest networks that hold the same addresses: none is inside another, and no two are
 * the halves of one. Each takes the place of the first of those that it holds, so that one more at
 * the end moves none of the others.
 */
export function aggregate(networks: readonly Network[]): Network[] {
  const result: Network[] = [];
  for (const network of networks.map(masked).toSorted(byAddress)) {
    const last = result.at(-1);
    if (last !== undefined && contains(last, network)) continue;
    result.push(network);
    joinHalves(result);
  }
  const place = (whole: Network) => networks.findIndex((network) => contains(whole, network));
  return result.toSorted((one, other) => place(one) - place(other));
}

/** Joins the last two networks for as long as they are halves of one. */
function joinHalves(networks: Network[]): void {
  for (;;) {
    const [lower, upper] = networks.slice(-2);
    if (lower === undefined || upper === undefined || lower.prefix !== upper.prefix) return;
    const whole = { address: lower.address, prefix: lower.prefix - 1 };
    if (lower.prefix === 0 || !contains(whole, upper)) return;
    networks.splice(-2, 2, masked(whole));
  }
}

const contains = (outer: Network, inner: Network): boolean =>
  outer.prefix <= inner.prefix && isInNetwork(inner.address, outer.address, outer.prefix);

/** Ascending; of networks at one address the larger first, so that what it holds follows it. */
function byAddress(one: Network, other: Network): number {
  return (
    one.address.length - other.address.length ||
    Buffer.compare(one.address, other.address) ||
    one.prefix - other.prefix
  );
}

/** As an SPF mechanism: `ip4:192.0.2.0/24`, without the prefix length where it is one address. */
export function networkMechanism({ address, prefix }: Network): string {
  const bits = address.length * 8;
  const length = prefix === bits ? '' : `/${prefix}`;
  return `${address.length === 4 ? 'ip4' : 'ip6'}:${formatIp(address)}${length}`;
}
