/** The limits of an API key beside its scopes: some domains, some addresses, a time. */
import { formatIp, isInNetwork, parseIp } from '../spf/ip-address.ts';
import { masked, type Network } from '../spf/networks.ts';
import { Refusal } from './errors.ts';
import { quoted, type DomainName } from './names.ts';

export interface KeyBinding {
  /** The domains that it is for; absent: all of the tenant's. */
  readonly domains?: readonly DomainName[];
  /** CIDR ranges that it is used from (RFC 4632 §3.1, RFC 4291 §2.3); absent: any address. */
  readonly addresses?: readonly string[];
  /** ISO 8601; it ends then, to the millisecond. Absent: never by itself. */
  readonly expiresAt?: string;
}

/**
 * Reads an address range in CIDR, or one address.
 *
 * @returns the network with its prefix: `192.0.2.7` is `192.0.2.7/32`
 * @throws Refusal `invalid-body`
 */
export function parseAddressRange(given: string): string {
  const range = rangeOf(given.trim());
  if (range !== undefined) return `${formatIp(range.address)}/${range.prefix}`;
  throw new Refusal(
    'invalid-body',
    `${quoted(given)} is no range of addresses: write it as 192.0.2.0/24, 2001:db8::/32, or as one address.`,
  );
}

function rangeOf(text: string): Network | undefined {
  const [, ip = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const address = parseIp(ip);
  if (address === undefined) return undefined;
  const longest = address.length * 8;
  const prefix = bits === undefined ? longest : Number(bits);
  return prefix > longest ? undefined : masked({ address, prefix });
}

/** Returns true if an address is in one of the ranges; an IPv4-mapped one is the IPv4 address. */
export const isInRanges = (address: string, ranges: readonly string[]): boolean =>
  isWithinRanges(address, ranges);

function contains(outer: string, { address, prefix }: Network): boolean {
  const range = rangeOf(outer);
  if (range === undefined || range.address.length !== address.length) return false;
  return prefix >= range.prefix && isInNetwork(address, range.address, range.prefix);
}

const isWithinRanges = (inner: string, outer: readonly string[]): boolean => {
  const range = rangeOf(inner);
  return range !== undefined && outer.some((each) => contains(each, range));
};

/** Returns true if a key has ended. */
export const hasExpired = ({ expiresAt }: KeyBinding, now: Date): boolean =>
  expiresAt !== undefined && now.getTime() >= Date.parse(expiresAt);

/**
 * Returns how one binding goes beyond another, in words; undefined where all that it allows the
 * other allows too.
 */
export function bindingBeyond(asked: KeyBinding, had: KeyBinding): string | undefined {
  const { domains, addresses, expiresAt } = had;
  if (domains !== undefined && !(asked.domains ?? ['']).every((one) => isOneOf(one, domains))) {
    return `it is not kept to ${domains.join(', ')}`;
  }
  if (
    addresses !== undefined &&
    !(asked.addresses ?? ['']).every((range) => isWithinRanges(range, addresses))
  ) {
    return `it is not kept to ${addresses.join(', ')}`;
  }
  if (expiresAt !== undefined && !endsBy(asked, expiresAt)) return `it lasts beyond ${expiresAt}`;
  return undefined;
}

const isOneOf = (one: string, all: readonly string[]): boolean => all.includes(one);

const endsBy = ({ expiresAt }: KeyBinding, latest: string): boolean =>
  expiresAt !== undefined && Date.parse(expiresAt) <= Date.parse(latest);
