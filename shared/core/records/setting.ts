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

/** What verdicts need to know beside the record. */
export interface Setting {
  readonly domain: DomainName;
  /** The zone under which we host. */
  readonly zone: DomainName;
  /** Where the claim's own records lie: `<label>.<shard>`. */
  readonly hostedName: string;
  /** A name that nobody can have made; shows what a wildcard answers. */
  readonly probe: string;
  /** The texts we host, by name. */
  readonly hosted: ReadonlyMap<string, string>;
  /** The keys of a claim that hosts them itself; absent where we do. */
  readonly own?: OwnKeys;
  /** Labels of claims that the tenant made of this domain before; absent before they were looked up. */
  readonly old?: ReadonlySet<Label>;
  /** How the domain is reached; absent where that was not asked, since nothing was amiss. */
  readonly delegation?: Delegation;
  /** What SPF records lead to, by the id of the record. */
  readonly spf: ReadonlyMap<string, SpfTree>;
}

/** Our name that a name of the customer's may point at: the hosted name mirrors the domain. */
export const hostedNameOf = (
  name: string,
  { domain, hostedName }: Pick<Setting, 'domain' | 'hostedName'>,
): string => `${name.slice(0, -domain.length)}${hostedName}`;
