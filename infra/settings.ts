import type { Config } from './config.ts';

/**
 * The functions' variables that the configuration gives, by name, for each function that names them
 * in its `settings`. Variables that need a construct come from their stack.
 */
const configured = {
  AUTHORITATIVE_PORT: ({ dns }) => String(dns.authoritativePort),
  DEPLOYMENT: (config) => deploymentJson(config),
  HOLD_HOURS: ({ outbound }) => String(outbound.holdHours),
  KEY_DISCLOSURE: ({ rotation }) => (rotation.disclosure ? 'on' : 'off'),
  REPORTERS: ({ reports }) => reports.reporters.join(','),
  RESOLVERS: ({ dns }) => dns.resolvers.join(','),
  ROLL_OUT: ({ reports }) => JSON.stringify(reports.rollOut),
  /**
   * The rate of all workers together: a new key is one pair of KMS and one UPSERT, which counts as
   * two changes.
   */
  ROTATIONS_PER_SECOND: ({ rotation }) =>
    String(rotation.share * Math.min(rotation.keyPairsPerSecond, rotation.changesPerSecond / 2)),
  ROTATION_OWN_DOMAINS: ({ rotation }) => rotation.ownDomains.join(','),
  ROTATION_WATCH_MINUTES: ({ rotation }) => String(rotation.watchMinutes),
  UNCLEAR_POLICY: ({ outbound }) => outbound.unclearPolicy,
  UNCLEAR_SECONDS: ({ outbound }) => String(outbound.unclearSeconds),
  UNSIGNED_ALLOWED: ({ outbound }) => outbound.unsignedAllowed.join(','),
} satisfies Record<string, (config: Config) => string>;

export type ConfiguredSetting = keyof typeof configured;

/** @throws Error where the configuration has no such setting */
export function configuredValue(name: string, config: Config): string {
  if (name in configured) return configured[name as ConfiguredSetting](config);
  throw new Error(`${name} is no setting of the configuration; its stack must give it`);
}

/** JSON of `Deployment` in shared/core/model: what names derive from. */
export const deploymentJson = (config: Config): string =>
  JSON.stringify({
    zone: config.zone,
    shards: config.shards,
    region: config.region,
    selectors: config.selectors,
    bounceLabel: config.bounceLabel,
    senders: config.senders,
  });
