import type { KeyRing } from '../model/key-ring.ts';
import type { DomainName, Label } from '../model/names.ts';
import type { SpfTree } from '../spf/tree.ts';
import type { Delegation } from '../model/lookup.ts';

/** The keys of a self-hosted claim. */
export interface OwnKeys {
  readonly ring: KeyRing;
  /** The public keys that have left its ring. */
  readonly past: ReadonlySet<string>;
}

/** The input of verdicts beside the record. */
export interface Setting {
  readonly domain: DomainName;
  /** The zone under which we host. */
  readonly zone: DomainName;
  /** The place of the claim's own records: `<label>.<shard>`. */
  readonly hostedName: string;
  /** A name that no customer can have made; shows the answer of a wildcard. */
  readonly probe: string;
  /** The texts we host, by name. */
  readonly hosted: ReadonlyMap<string, string>;
  /** The keys of a claim that hosts them itself; absent where we do. */
  readonly own?: OwnKeys;
  /** Labels of claims that the tenant made of this domain before; absent before they were read. */
  readonly old?: ReadonlySet<Label>;
  /** The delegation of the domain; absent where nothing was amiss, so it was not queried. */
  readonly delegation?: Delegation;
  /** Domains of others that its records lead to, and that nobody has registered; absent before that was queried. */
  readonly unregistered?: ReadonlySet<string>;
  /** Hosts of report addresses that do not agree to get reports of the domain (RFC 9990 §4). */
  readonly refusing?: ReadonlySet<string>;
  /** The includes that SPF records lead to, by the id of the record. */
  readonly spf: ReadonlyMap<string, SpfTree>;
}

/** Our name that a name of the customer's may point at: the hosted name mirrors the domain. */
export const hostedNameOf = (
  name: string,
  { domain, hostedName }: Pick<Setting, 'domain' | 'hostedName'>,
): string => `${name.slice(0, -domain.length)}${hostedName}`;
