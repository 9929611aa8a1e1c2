import { tables as tableShapes, type TableName } from '#shared/runtime/tables.ts';
import { tableVariable } from '#shared/runtime/variables.ts';
import { writeFileAtomically } from '../../local/aws/state-file.ts';
import { startApp, type Run, type RunOptions } from '../../local/runtime/run.ts';
import { serviceApp, ZONE } from './app.ts';
import { endpointsFileOf, type Endpoints } from './endpoints.ts';
import { localPlatformKey } from './platform.ts';
import { localApiKey } from './tenant.ts';

export interface LocalOptions extends RunOptions {
  /** Options of infra/config.ts that differ from a deployment's defaults: `{shards: 4}`. */
  readonly config?: Readonly<Record<string, unknown>>;
}

/** The service, running on this machine. */
export interface LocalRun extends Run {
  readonly endpoints: Endpoints;
  readonly zone: string;
}

/**
 * Runs the service on this machine, with a tenant `local`, and writes where it is to be reached.
 *
 * @throws what `startApp` throws
 */
export async function startLocal({ config, ...options }: LocalOptions): Promise<LocalRun> {
  const started = performance.now();
  const run = await startApp(serviceApp(config), options);
  try {
    const endpoints = await endpointsOf(run);
    writeFileAtomically(endpointsFileOf(run.stateDir), JSON.stringify(endpoints, null, 2));
    const readyMilliseconds = Math.round(performance.now() - started);
    return { ...run, endpoints, zone: ZONE, readyMilliseconds };
  } catch (error) {
    await run.stop();
    throw error;
  }
}

async function endpointsOf({
  api,
  site,
  dns: { host, port },
  outbox,
  operator,
  deployment,
  stateDir,
  ...run
}: Run): Promise<Endpoints> {
  if (api === undefined || site === undefined) {
    throw new Error('the templates declare no API or no dashboard');
  }
  const tables = tableNames(deployment);
  const { endpoint, region, accessKeyId } = operator;
  return {
    api,
    dashboard: site,
    dns: { host, port },
    smtp: {
      host: 'localhost',
      port: run.loadBalancedPort(587),
      tlsPort: run.loadBalancedPort(465),
    },
    outbox,
    apiKey: await localApiKey(operator, tables, stateDir),
    platformKey: await localPlatformKey(operator, tables, stateDir),
    aws: { endpoint, region, tables, accessKeyId, secretAccessKey: 'local' },
  };
}

/**
 * The tables, by the names in shared/runtime/tables.ts, with the values of the functions'
 * variables.
 *
 * @throws Error on a table that no function has a variable for
 */
function tableNames({ functions }: Run['deployment']): Record<TableName, string> {
  const variables = [...functions.values()].map((declared) => declared.variables);
  const names = (Object.keys(tableShapes) as TableName[]).map((name) => {
    const variable = tableVariable(name);
    const found = variables.find((each) => each[variable] !== undefined)?.[variable];
    if (found === undefined) throw new Error(`no function is told of a table by ${variable}`);
    return [name, found] as const;
  });
  return Object.fromEntries(names) as Record<TableName, string>;
}
