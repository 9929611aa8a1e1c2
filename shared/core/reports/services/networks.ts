import { isInNetwork, parseIp } from '../../spf/ip-address.ts';
import type { Network } from '../../spf/networks.ts';
import { parseSpf } from '../../spf/record.ts';
import { mailServices } from './find-service.ts';
import type { MailService } from './service.ts';

/** The networks that a service lets its customers include in SPF, as they were seen last. */
export interface ServiceNetworks {
  /** The domain of the include: `servers.mcsv.net`. */
  readonly include: string;
  /** As SPF mechanisms: `ip4:192.0.2.0/24`. */
  readonly networks: readonly string[];
  /** ISO 8601. */
  readonly seenAt: string;
}

/** Finds the service that an address belongs to; undefined where none is known. */
export type ServiceAt = (address: string) => MailService | undefined;

/** Each domain that customers of a known service include, with the service. */
export const serviceIncludes: ReadonlyMap<string, MailService> = new Map(
  mailServices.flatMap((service) => service.includes.map((include) => [include, service] as const)),
);

/**
 * Makes the search by address. Where services share hosts, the smallest network that holds the address
 * decides, then the include with the fewest networks: GoDaddy's lists those of Microsoft 365 too.
 *
 * @param known what is stored; an include that the table no longer has names nothing
 */
export function serviceByNetwork(known: readonly ServiceNetworks[]): ServiceAt {
  const owned = known
    .flatMap(({ include, networks }) => {
      const service = serviceIncludes.get(include);
      const listed = service === undefined ? [] : networksOf(networks);
      return listed.map((one) => ({ ...one, service, of: listed.length }));
    })
    .toSorted((one, other) => other.prefix - one.prefix || one.of - other.of);
  return (text) => {
    const address = parseIp(text);
    if (address === undefined) return undefined;
    return owned.find((one) => isInNetwork(address, one.address, one.prefix))?.service;
  };
}

/** Wider networks hold hosts of many owners: a mistake in the service's record. */
const SHORTEST_PREFIX = { ip4: 8, ip6: 16 } as const;

const networksOf = (mechanisms: readonly string[]): Network[] =>
  mechanisms
    .flatMap((mechanism) => parseSpf(`v=spf1 ${mechanism}`).mechanisms)
    .flatMap((mechanism) =>
      (mechanism.kind === 'ip4' || mechanism.kind === 'ip6') &&
      mechanism.prefix >= SHORTEST_PREFIX[mechanism.kind]
        ? [{ address: mechanism.network, prefix: mechanism.prefix }]
        : [],
    );
