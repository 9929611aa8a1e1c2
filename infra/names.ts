import type { FunctionName } from '#shared/runtime/functions.ts';
import type { Config } from './config.ts';

/** Names that more than one stack must agree on. */

export const functionName = (config: Config, name: FunctionName): string =>
  `${config.name}-${name}`;

/** IAM is global, so the region is part of it; the wrapping key's policy names roles by it. */
export const roleName = (config: Config, name: FunctionName): string =>
  `${config.name}-${config.region}-${name}`;

/** What `npm run domain-connect` finds the key by that Domain Connect requests are signed with. */
export const domainConnectKeyAlias = (config: Pick<Config, 'name'>): string =>
  `alias/${config.name}-domain-connect`;

/** The hosted zones of the shards: `s1.<zone>` to `s<shards>.<zone>`. */
export const shardZones = (config: Config): string[] =>
  Array.from({ length: config.shards }, (_, index) => `s${index + 1}.${config.zone}`);

/** The host that aggregate DMARC reports go to. */
export const reportsHost = (config: Config): string => `reports.${config.zone}`;

/** The value of the environment variable KEY_DISCLOSURE. */
export const keyDisclosure = ({ rotation }: Config): 'on' | 'off' =>
  rotation.disclosure ? 'on' : 'off';

/** The value of the environment variable DEPLOYMENT (`Deployment` in shared/core/model). */
export const deploymentJson = (config: Config): string =>
  JSON.stringify({
    zone: config.zone,
    shards: config.shards,
    region: config.region,
    selectors: config.selectors,
    bounceLabel: config.bounceLabel,
    senders: config.senders,
  });
