import { MAX_LOOKUPS } from './evaluate.ts';
import { parseIp, type IpAddress } from './ip-address.ts';
import { hasMacros } from './macro.ts';
import { aggregate, networkMechanism, type Network } from './networks.ts';
import { isSpfRecord, parseSpf, type Mechanism, type SpfRecord } from './record.ts';

/** DNS with the time that its answers hold. */
export type TtlLookup = (
  name: string,
  type: 'TXT' | 'A' | 'AAAA' | 'MX',
) => Promise<{
  readonly outcome: 'ok' | 'nxdomain' | 'unknown';
  readonly values: readonly string[];
  /** Seconds. */
  readonly ttl?: number;
}>;

/** The addresses that a mechanism passes, or why they cannot be listed. */
export type Flattening =
  | {
      readonly kind: 'addresses';
      /** As mechanisms, aggregated, in the same order for the same addresses. */
      readonly addresses: readonly string[];
      /** Seconds that the shortest-lived answer holds; absent where DNS was not asked. */
      readonly ttl?: number;
    }
  | { readonly kind: 'failed'; readonly detail: string };

const MOST_HOSTS = 10;
const MOST_NETWORKS = 500;

class Unlistable extends Error {}

/**
 * Lists the addresses that a mechanism lets pass, by following it as a receiver would (RFC 7208
 * §5). Not everything is a list: macros, `exists` and `ptr` depend on the mail. Mechanisms that
 * only let pass cannot express a record with exceptions before its end.
 *
 * @param text a mechanism of the qualifier `+`
 */
export async function flatten(text: string, lookup: TtlLookup): Promise<Flattening> {
  const collector = new Collector(lookup);
  try {
    const [mechanism] = parseSpf(`v=spf1 ${text}`).mechanisms;
    const networks = mechanism === undefined ? [] : await collector.mechanism(mechanism, '', []);
    const { ttl } = collector;
    const addresses = aggregate(networks).map(networkMechanism).toSorted(byText);
    return { kind: 'addresses', addresses, ...(ttl === undefined ? {} : { ttl }) };
  } catch (error) {
    if (error instanceof Unlistable) return { kind: 'failed', detail: error.message };
    throw error;
  }
}

const byText = (one: string, other: string): number => (one < other ? -1 : Number(one > other));

const dependent = (text: string): Unlistable =>
  new Unlistable(`${text} depends on the mail, so that it is no list of addresses`);

class Collector {
  ttl: number | undefined;
  #lookups = 0;
  #networks = 0;
  readonly #lookup: TtlLookup;

  constructor(lookup: TtlLookup) {
    this.#lookup = lookup;
  }

  /** @param path the domains of the records above */
  async mechanism(
    mechanism: Mechanism,
    domain: string,
    path: readonly string[],
  ): Promise<Network[]> {
    const { text } = mechanism;
    switch (mechanism.kind) {
      case 'ip4':
      case 'ip6':
        return this.#counted([{ address: mechanism.network, prefix: mechanism.prefix }]);
      case 'all':
        throw new Unlistable(`${text} of ${domain} lets every address send`);
      case 'exists':
      case 'ptr':
        throw dependent(text);
      case 'include':
        return this.#record(this.#target(mechanism, domain), path);
      case 'a':
        return this.#counted(await this.#addresses(this.#target(mechanism, domain), mechanism));
      case 'mx': {
        const hosts = await this.#exchanges(this.#target(mechanism, domain));
        const found = await Promise.all(hosts.map((host) => this.#addresses(host, mechanism)));
        return this.#counted(found.flat());
      }
      default:
        return mechanism satisfies never;
    }
  }

  /** The name that a term leads to; it is one lookup. */
  #target({ text, domain: spec }: { text: string; domain?: string }, domain: string): string {
    const target = spec ?? domain;
    if (hasMacros(target)) throw dependent(text);
    this.#countLookup(text);
    return target.toLowerCase().replace(/\.$/, '');
  }

  async #record(domain: string, path: readonly string[]): Promise<Network[]> {
    if (path.includes(domain)) throw new Unlistable(`the SPF record of ${domain} includes itself`);
    const below = [...path, domain];
    const { mechanisms, redirect } = await this.#read(domain);
    const networks: Network[] = [];
    for (const mechanism of mechanisms) {
      if (mechanism.kind === 'all' && mechanism.qualifier !== 'pass') return networks;
      if (mechanism.qualifier !== 'pass') {
        throw new Unlistable(
          `${mechanism.text} of ${domain} is an exception, which a list has not`,
        );
      }
      networks.push(...(await this.mechanism(mechanism, domain, below)));
    }
    if (redirect === undefined) return networks;
    const target = this.#target({ text: `redirect=${redirect}`, domain: redirect }, domain);
    return [...networks, ...(await this.#record(target, below))];
  }

  async #read(domain: string): Promise<SpfRecord> {
    const records = (await this.#ask(domain, 'TXT')).filter(isSpfRecord);
    const [record] = records;
    if (record === undefined || records.length > 1) {
      throw new Unlistable(`${domain} has ${records.length} SPF records`);
    }
    try {
      return parseSpf(record);
    } catch (error) {
      throw new Unlistable(`${domain}: ${(error as Error).message}`);
    }
  }

  async #exchanges(domain: string): Promise<string[]> {
    const values = await this.#ask(domain, 'MX');
    if (values.length > MOST_HOSTS) throw new Unlistable(`${domain} has ${values.length} MX hosts`);
    return values.map((value) => value.slice(value.indexOf(' ') + 1));
  }

  async #addresses(
    host: string,
    { prefix4, prefix6 }: Mechanism & { kind: 'a' | 'mx' },
  ): Promise<Network[]> {
    const [four, six] = await Promise.all([this.#ask(host, 'A'), this.#ask(host, 'AAAA')]);
    return [...four, ...six]
      .map(parseIp)
      .filter((address): address is IpAddress => address !== undefined)
      .map((address) => ({ address, prefix: address.length === 4 ? prefix4 : prefix6 }));
  }

  async #ask(name: string, type: Parameters<TtlLookup>[1]): Promise<readonly string[]> {
    const { outcome, values, ttl } = await this.#lookup(name, type);
    if (outcome === 'unknown') throw new Unlistable(`DNS does not answer for ${name}`);
    if (ttl !== undefined) this.ttl = Math.min(ttl, this.ttl ?? ttl);
    return values;
  }

  #countLookup(text: string): void {
    this.#lookups += 1;
    if (this.#lookups > MAX_LOOKUPS) {
      throw new Unlistable(`${text} is one more than the ${MAX_LOOKUPS} DNS lookups of SPF`);
    }
  }

  #counted(networks: Network[]): Network[] {
    this.#networks += networks.length;
    if (this.#networks > MOST_NETWORKS) {
      throw new Unlistable(`there are more than ${MOST_NETWORKS} networks`);
    }
    return networks;
  }
}
