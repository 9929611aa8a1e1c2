import type { Config } from './config.ts';

/** Names that more than one stack must agree on. */

export const functionName = (config: Config, name: string): string => `${config.name}-${name}`;

/** IAM is global, so the region is part of it; the wrapping key's policy names roles by it. */
export const roleName = (config: Config, name: string): string =>
  `${config.name}-${config.region}-${name}`;

/** The alias by which `npm run domain-connect` finds the key that signs Domain Connect requests. */
export const domainConnectKeyAlias = (config: Pick<Config, 'name'>): string =>
  `alias/${config.name}-domain-connect`;

/** The hosted zones of the shards: `s1.<zone>` to `s<shards>.<zone>`. */
export const shardZones = (config: Config): string[] =>
  Array.from({ length: config.shards }, (_, index) => `s${index + 1}.${config.zone}`);

/** The host that aggregate DMARC reports go to. */
export const reportsHost = (config: Config): string => `reports.${config.zone}`;

/** A name as a construct id: `RollOut` of `roll-out`. */
export const pascal = (name: string): string =>
  name.replace(/(?:^|-)([a-z])/g, (_, letter: string) => letter.toUpperCase());
