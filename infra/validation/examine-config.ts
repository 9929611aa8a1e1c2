import type { FunctionDeclaration } from '#shared/runtime/declaration.ts';
import { tables } from '#shared/runtime/tables.ts';
import { buildApp } from '../app.ts';
import { type Config, ConfigError, findConfig, parseConfig, undeployable } from '../config.ts';
import { receivesMail } from '../config/regions.ts';
import { declarations } from '../functions.ts';
import { functionName, kebab, reportsHost, shardZones } from '../names.ts';

/** Calls at once of a function that its queue does not limit: as Lambda begins with. */
const UNLIMITED = 5;

/**
 * Finds everything that the configuration alone shows to be wrong, without an account.
 *
 * @param context the context of cdk.json
 * @param environment where SENDER_DOMAINS_CONFIG is read
 * @returns a sentence for each problem; and, where the configuration can be read, what a deployment
 * makes and needs (`Plan` in shared/app/doctor), and the resolvers
 */
export async function examineConfig(
  context: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<object> {
  let config: Config;
  try {
    const { input, source } = findConfig((key) => context[key], environment);
    config = parseConfig(input, source);
  } catch (error) {
    return { problems: problemsOf(error) };
  }
  return {
    problems: [...undeployable(config), ...oversized(context, environment)],
    plan: planOf(config, await declarations()),
    resolvers: config.dns.resolvers,
  };
}

/** What shows once the app's resources are made; without bundles, which it does not depend on. */
function oversized(
  context: Readonly<Record<string, unknown>>,
  environment: Readonly<Record<string, string | undefined>>,
): string[] {
  try {
    buildApp(environment, { context: { ...context, 'aws:cdk:bundling-stacks': [] } });
    return [];
  } catch (error) {
    return problemsOf(error);
  }
}

/** @throws the error where it is about nothing in the configuration */
function problemsOf(error: unknown): string[] {
  if (error instanceof ConfigError) return [...error.problems];
  throw error;
}

const planOf = (config: Config, declared: readonly FunctionDeclaration[]): object => ({
  name: config.name,
  region: config.region,
  zone: config.zone,
  zones: [config.zone, ...shardZones(config)],
  function: functionName(config, 'signer'),
  tables: { prefix: `${config.name}-`, names: Object.keys(tables).map(kebab) },
  wrappingKeyAlias: `alias/${config.name}-wrapping`,
  ...(receivesMail(config.region)
    ? { inbound: { identity: reportsHost(config), ruleSet: `${config.name}-inbound` } }
    : {}),
  concurrency: declared.reduce((sum, each) => sum + concurrencyOf(each, config), 0),
  keptConcurrency: config.concurrency.authorizer + config.concurrency.messages,
  identities: { quota: config.ses.identityQuota, alarmPercent: config.ses.identityAlarm },
});

/** The calls at once of a function at its busiest. */
function concurrencyOf({ name, wokenBy }: FunctionDeclaration, config: Config): number {
  if (name === 'signer') return config.outbound.concurrency;
  if (!('queue' in wokenBy)) return 'schedules' in wokenBy ? 1 : UNLIMITED;
  const { concurrency = UNLIMITED, urgent } = wokenBy;
  return concurrency + (urgent?.concurrency ?? 0);
}
