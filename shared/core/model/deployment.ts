import type { DomainName, Selector, ShardName } from './names.ts';

/** The settings that a deployment fixes once and every record depends on. */
export interface Deployment {
  /** The zone that is delegated to us: `sd.example.net`. */
  readonly zone: DomainName;
  /** Number of shards: hosted zones `s1.<zone>` to `s<shards>.<zone>`. */
  readonly shards: number;
  readonly region: string;
  readonly selectors: readonly [Selector, Selector, Selector];
  /** The label of the custom MAIL FROM domain: `bounces`. */
  readonly bounceLabel: string;
  /** SPF mechanisms of the service's own senders: `include:amazonses.com`. */
  readonly senders: readonly string[];
  /** False where SES receives no mail in the region, so that no report can come. @default true */
  readonly receivesReports?: boolean;
}

export const shardNames = ({ zone, shards }: Pick<Deployment, 'zone' | 'shards'>): ShardName[] =>
  Array.from({ length: shards }, (_, index) => `s${index + 1}.${zone}` as ShardName);

/** The host that aggregate reports go to: `reports.<zone>`. */
export const reportsHost = (zone: DomainName): DomainName => `reports.${zone}` as DomainName;
