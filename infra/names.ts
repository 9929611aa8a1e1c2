import { type TableName, tables } from '#shared/runtime/tables.ts';
import type { Config } from './config.ts';
import { SMTP_LABEL } from './config/smtp.ts';

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

/** The host that applications submit mail to by SMTP. */
export const smtpHost = (config: Pick<Config, 'zone'>): string => `${SMTP_LABEL}.${config.zone}`;

/** The names of the tables that the functions use. */
export const tableNames = (config: Config): Record<string, string> =>
  Object.fromEntries(
    (Object.keys(tables) as TableName[]).map((name) => [
      name,
      config.tables[name]?.name ?? `${config.name}-${kebab(name)}`,
    ]),
  );

/** The name of a table, after the deployment's: `exit-rates` of `exitRates`. */
export const kebab = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
