import type { Config } from './config.ts';
import { receivesMail } from './config/regions.ts';
import { smtpHost } from './names.ts';

interface Setting {
  /** The option that it is made of. */
  readonly option: string;
  readonly of: (config: Config) => string;
}

/**
 * The functions' variables that the configuration gives, by name, for each function that names them
 * in its `settings`. Variables that need a construct come from their stack.
 */
export const configured = {
  AUTHORITATIVE_PORT: {
    option: 'dns.authoritativePort',
    of: ({ dns }) => String(dns.authoritativePort),
  },
  BUDGET_LIMITS: { option: 'budgets', of: ({ budgets }) => JSON.stringify(budgets) },
  CANARY: { option: 'canary', of: ({ canary }) => JSON.stringify(canary ?? null) },
  DELEGATED_ZONES: { option: 'delegation.zones', of: ({ delegation }) => String(delegation.zones) },
  DEPLOYMENT: { option: 'senders', of: (config) => deploymentJson(config) },
  DEPLOYMENT_NAME: { option: 'name', of: ({ name }) => name },
  IDENTITY_ALARM: { option: 'ses.identityAlarm', of: ({ ses }) => String(ses.identityAlarm) },
  IDENTITY_QUOTA: { option: 'ses.identityQuota', of: ({ ses }) => String(ses.identityQuota) },
  HAND_OVER: { option: 'handOver', of: ({ handOver }) => JSON.stringify(handOver ?? null) },
  HOLD_HOURS: { option: 'outbound.holdHours', of: ({ outbound }) => String(outbound.holdHours) },
  KEY_DISCLOSURE: {
    option: 'rotation.disclosure',
    of: ({ rotation }) => (rotation.disclosure ? 'on' : 'off'),
  },
  MAIL_EVENTS: { option: 'outbound.events', of: ({ outbound }) => outbound.events },
  OFFERS_DOMAIN_CONNECT: {
    option: 'domainConnect',
    of: ({ domainConnect }) => (domainConnect === undefined ? 'no' : 'yes'),
  },
  PENDING_DAYS: { option: 'pending', of: ({ pending }) => JSON.stringify(pending) },
  REPORTERS: { option: 'reports.reporters', of: ({ reports }) => reports.reporters.join(',') },
  RESOLVERS: { option: 'dns.resolvers', of: ({ dns }) => dns.resolvers.join(',') },
  ROLL_OUT: { option: 'reports.rollOut', of: ({ reports }) => JSON.stringify(reports.rollOut) },
  REPUTATION: { option: 'reputation', of: ({ reputation }) => JSON.stringify(reputation) },
  /**
   * The rate of all workers together: a new key is one pair of KMS and one UPSERT, which counts as
   * two changes.
   */
  ROTATIONS_PER_SECOND: {
    option: 'rotation.share',
    of: ({ rotation }) =>
      String(rotation.share * Math.min(rotation.keyPairsPerSecond, rotation.changesPerSecond / 2)),
  },
  ROTATION_OWN_DOMAINS: {
    option: 'rotation.ownDomains',
    of: ({ rotation }) => rotation.ownDomains.join(','),
  },
  ROTATION_WATCH_MINUTES: {
    option: 'rotation.watchMinutes',
    of: ({ rotation }) => String(rotation.watchMinutes),
  },
  SMTP_HOST: { option: 'zone', of: (config) => smtpHost(config) },
  UNCLEAR_POLICY: {
    option: 'outbound.unclearPolicy',
    of: ({ outbound }) => outbound.unclearPolicy,
  },
  UNCLEAR_SECONDS: {
    option: 'outbound.unclearSeconds',
    of: ({ outbound }) => String(outbound.unclearSeconds),
  },
  UNSIGNED_ALLOWED: {
    option: 'outbound.unsignedAllowed',
    of: ({ outbound }) => outbound.unsignedAllowed.join(','),
  },
} satisfies Record<string, Setting>;

export type ConfiguredSetting = keyof typeof configured;

/** @throws Error where the configuration has no such setting */
export function configuredValue(name: string, config: Config): string {
  if (name in configured) return configured[name as ConfiguredSetting].of(config);
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
    ...(receivesMail(config.region) ? {} : { receivesReports: false }),
  });
