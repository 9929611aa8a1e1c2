import type { DomainName, Selector, ShardName } from './names.ts';

/** What a deployment decides once and every record depends on. */
export interface Deployment {
  /** The zone that is delegated to us: `sd.example.net`. */
  readonly zone: DomainName;
  /** How many shards there are: hosted zones `s1.<zone>` to `s<shards>.<zone>`. */
  readonly shards: number;
  readonly region: string;
  readonly selectors: readonly [Selector, Selector, Selector];
  /** The label of the custom MAIL FROM domain: `bounces`. */
  readonly bounceLabel: string;
  /** SPF mechanisms of the service's own senders: `include:amazonses.com`. */
  readonly senders: readonly string[];
}

export const shardNames = ({ zone, shards }: Pick<Deployment, 'zone' | 'shards'>): ShardName[] =>
  Array.from({ length: shards }, (_, index) => `s${index + 1}.${zone}` as ShardName);

/** The host that aggregate reports go to: `reports.<zone>`. */
export const reportsHost = (zone: DomainName): DomainName => `reports.${zone}` as DomainName;

/** Route 53's quota of records a hosted zone. */
const RECORDS_PER_ZONE = 10_000;
/** The most records that the hosted SPF of one claim is spread over. */
export const SPF_RECORDS = 3;
/** The most record sets that one claim may come to have: three keys, DMARC, MAIL FROM's SPF, and SPF with its chain. */
export const RECORDS_PER_CLAIM = 3 + 1 + 1 + SPF_RECORDS;
export const CLAIMS_PER_SHARD = Math.floor(RECORDS_PER_ZONE / RECORDS_PER_CLAIM);
export const PENDING_CLAIMS_PER_TENANT = 50;
