import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { tableVariable } from '#shared/runtime/variables.ts';
import { tables as tableShapes, type TableName } from '#shared/runtime/tables.ts';
import { readJsonFile, writeFileAtomically } from './aws/state-file.ts';
import type { AnsweredCall } from './aws/gateway.ts';
import type { Kms } from './aws/kms.ts';
import type { Route53 } from './aws/route53.ts';
import type { Scheduler } from './aws/scheduler.ts';
import type { Ses } from './aws/ses.ts';
import type { SesEvent } from './aws/ses-events.ts';
import type { Sqs } from './aws/sqs.ts';
import type { DnsServer } from './dns/server.ts';
import { authorizeBy } from './runtime/authorization.ts';
import { callQuery, type Caller } from './runtime/aws-call.ts';
import { startDashboard } from './runtime/dashboard.ts';
import { deliverEvent } from './runtime/bus-events.ts';
import { missingGrants } from './runtime/connections.ts';
import { Deployment, OPERATOR_KEY } from './runtime/deployment.ts';
import type { Endpoints } from './runtime/endpoints.ts';
import { asyncInvocations, routesOf, startMappings, startSchedules } from './runtime/feeds.ts';
import { Functions } from './runtime/functions.ts';
import { startHttpApi } from './runtime/http-api/server.ts';
import type { Outcome } from './runtime/lambda/environment.ts';
import type { Internet } from './runtime/lambda/internet.ts';
import { LogFile } from './runtime/lambda/log.ts';
import { inboundDoor, type InboundMail } from './runtime/inbound.ts';
import { lockFolder } from './runtime/lock.ts';
import { MovableClock, useClock } from './runtime/movable-clock.ts';
import { choosePort } from './runtime/ports.ts';
import { resourceTypes } from './runtime/resources/index.ts';
import { outboxOf, startDns, startServices, type StandInOptions } from './runtime/stand-ins.ts';
import { synthesize } from './runtime/synthesize.ts';
import { localApiKey } from './runtime/tenant.ts';
import { readAssembly } from './template/assembly.ts';
import { ACCOUNT, interpret } from './template/interpret.ts';

const REGION = 'eu-west-1';
const ZONE = 'sender-domains.test';
/** Milliseconds that functions may go on when the run stops. */
const DRAIN_LIMIT = 10_000;

export interface LocalOptions {
  /** The folder that holds all state; it is made where there is none. */
  readonly stateDir: string;
  /** 0 or absent: that of the last run if it is free, else any. */
  readonly apiPort?: number;
  /** 0 or absent: that of the last run if it is free, else any. */
  readonly dashboardPort?: number;
  /** 0 or absent: that of the last run if it is free, else any. */
  readonly dnsPort?: number;
  /** Says nothing on the console; log files are written all the same. */
  readonly quiet?: boolean;
  /** Options of infra/config.ts that differ from a deployment's defaults: `{shards: 4}`. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** What stands for hosts on the public internet that functions send requests to; absent: nothing does. */
  readonly internet?: Internet;
  /**
   * Lets the run's time be moved on by `passTime`. This process goes by that clock too while it runs,
   * since the stand-ins in it do.
   */
  readonly movableTime?: boolean;
  /** Told of each call of AWS that a stand-in has answered. */
  readonly observe?: (call: AnsweredCall) => void;
}

/** The service, running on this machine. */
export interface LocalRun {
  readonly endpoints: Endpoints;
  readonly stateDir: string;
  readonly zone: string;
  /** From the call of `startLocal` to the first request that would be served. */
  readonly readyMilliseconds: number;
  readonly dns: DnsServer;
  /** The stand-ins, to plant faults in and to look into. */
  readonly kms: Kms;
  readonly queues: Pick<Sqs, 'inspect' | 'send'>;
  readonly route53: Route53;
  readonly scheduler: Pick<Scheduler, 'nextTime'>;
  readonly ses: Ses;
  /** Hands a mail to SES's receiving side, as another mail server would by SMTP. @throws Error where SES does not take it */
  deliver(mail: InboundMail): Promise<void>;
  /** Ends the execution environments of a function wherever they are: `signer`. */
  killFunction(name: string): Promise<void>;
  /** Invokes a function, as Scheduler would, and waits for its answer. */
  invoke(name: string, event: unknown): Promise<Outcome>;
  /**
   * Moves the clocks of functions, queues, schedules and stand-ins on at once, and makes the scheduled
   * calls that come due. DynamoDB's stand-in alone, a process of its own, keeps this machine's time.
   *
   * @throws Error where the run was not started with `movableTime`
   */
  passTime(milliseconds: number): Promise<void>;
  /**
   * When functions under way go on that only pause (epoch milliseconds, by the movable time):
   * -Infinity while any works, Infinity where none is under way.
   */
  goesOnAt(): number;
  /** Takes nothing more in, waits 10 s for what is under way, and closes everything. */
  stop(): Promise<void>;
}

interface Ports {
  readonly api?: number;
  readonly dashboard?: number;
  readonly dns?: number;
  readonly gateway?: number;
}

/**
 * Synthesizes the app and runs what its templates declare, on stand-ins for AWS.
 *
 * @throws AlreadyRunningError where another run has the folder
 * @throws PortTakenError where a port that was asked for is taken
 * @throws TemplateError where a template has what the local run does not know
 * @throws Error where a connection that the templates declare is not granted by their policies
 */
export async function startLocal(options: LocalOptions): Promise<LocalRun> {
  const started = performance.now();
  const stateDir = resolve(options.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const closing: (() => Promise<void> | void)[] = [lockFolder(stateDir)];
  const deployed = Promise.withResolvers<Caller>();
  // Where the start fails, nobody may be waiting.
  deployed.promise.catch(() => {});
  const close = async (): Promise<void> => {
    // First, since what is closed next may be waiting for it.
    deployed.reject(new Error('the local run stops'));
    const failures: unknown[] = [];
    for (const each of closing.splice(0).toReversed()) {
      try {
        await each();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0)
      throw new AggregateError(failures, `cannot close: ${failures.join('; ')}`);
  };
  try {
    return await start({ ...options, stateDir }, started, deployed, closing, close);
  } catch (error) {
    try {
      await close();
    } catch (failure) {
      throw new AggregateError([error], (error as Error).message, { cause: failure });
    }
    throw error;
  }
}

async function start(
  {
    stateDir,
    apiPort,
    dashboardPort,
    dnsPort,
    quiet = false,
    config = {},
    movableTime = false,
    internet,
    observe,
  }: LocalOptions,
  started: number,
  deployed: PromiseWithResolvers<Caller>,
  closing: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<LocalRun> {
  const clock = movableTime ? new MovableClock() : undefined;
  if (clock !== undefined) closing.push(useClock(clock.shared));
  const logs = join(stateDir, 'logs');
  const log = new LogFile(logs, 'local');
  const deniedLog = new LogFile(logs, 'denied');
  closing.push(
    () => log.close(),
    () => deniedLog.close(),
  );
  let stopping = false;
  const report = (problem: string): void => {
    log.write({ timestamp: new Date().toISOString(), level: 'WARN', message: problem });
    // What the end cuts off goes on at the next start; nobody needs to be told.
    if (!quiet && !stopping) console.error(problem);
  };

  const deployment = new Deployment();
  const place = { region: REGION, account: ACCOUNT };
  const authorize = authorizeBy(deployment, place, (accessKeyId, call, reason) => {
    deniedLog.write({ timestamp: new Date().toISOString(), accessKeyId, ...call, reason });
    report(`DENIED: ${accessKeyId} ${call.action} on ${call.resource}: ${reason}`);
  });

  const portsFile = join(stateDir, 'ports.json');
  const last = (readJsonFile(portsFile) ?? {}) as Ports;
  const standInOptions: StandInOptions = {
    stateDir,
    region: REGION,
    dnsPort: await choosePort(dnsPort, last.dns, 'DNS_PORT', 'udp'),
    gatewayPort: await choosePort(undefined, last.gateway, 'the gateway'),
    authorize,
    observe,
    report,
    hasBus: (name) => deployment.eventBuses.has(name),
    deliver: async (bus, event) => deliverEvent(deployment, await deployed.promise, bus, event),
    publish: async (event, set) => publishSesEvent(deployment, await deployed.promise, event, set),
  };
  const dns = await startDns(standInOptions, closing);
  const configFile = join(stateDir, 'config.json');
  writeFileAtomically(configFile, JSON.stringify(localConfig(dns.dns.port, config), null, 2));
  const assembly = join(stateDir, 'cdk.out');
  const synthesized = synthesize(configFile, assembly);
  const [standIns] = await Promise.all([
    startServices(standInOptions, dns, closing),
    // A failure is thrown when its turn comes, after the services that are starting.
    synthesized.catch(() => {}),
  ]);
  await synthesized;

  const api = await choosePort(apiPort, last.api, 'API_PORT');
  const dashboardAt = await choosePort(dashboardPort, last.dashboard, 'DASHBOARD_PORT');
  const ports: Ports = {
    api,
    dashboard: dashboardAt,
    dns: dns.dns.port,
    gateway: standIns.gateway.port,
  };
  writeFileAtomically(portsFile, JSON.stringify(ports));
  const url = `http://127.0.0.1:${api}`;
  const caller = { endpoint: standIns.gateway.url, region: REGION };
  const operator: Caller = { ...caller, accessKeyId: OPERATOR_KEY };
  await interpret(
    await readAssembly(assembly, REGION),
    resourceTypes({ standIns, operator, account: ACCOUNT, apiUrl: url, deployment }),
  );
  const missing = missingGrants(
    deployment,
    authorizeBy(deployment, place, () => {}),
    place,
  );
  if (missing.length > 0) {
    throw new Error(
      `The templates declare what their policies do not grant:\n${missing.join('\n')}`,
    );
  }
  deployed.resolve(operator);

  // Whatever received them died with an earlier run.
  standIns.sqs.releaseInFlight();
  const functions = new Functions(deployment, caller, logs, { clock, internet });
  closing.push(() => functions.close());
  const feedContext = { deployment, functions, caller, stateDir, report };
  const [declaredApi, ...others] = deployment.apis.values();
  if (declaredApi?.stage === undefined || others.length > 0) {
    throw new Error(
      'the local run serves one HTTP API with one stage, and the templates declare another number',
    );
  }
  const httpApi = await startHttpApi(
    {
      accountId: ACCOUNT,
      apiId: declaredApi.id,
      stage: declaredApi.stage,
      region: REGION,
      routes: routesOf(declaredApi, functions),
    },
    api,
    report,
  );
  const [distribution] = deployment.distributions.values();
  if (distribution === undefined) throw new Error('the templates declare no dashboard');
  const dashboard = await startDashboard(distribution, url, dashboardAt, report);
  closing.push(() => dashboard.close());
  const events = asyncInvocations(feedContext);
  events.start();
  const mappings = startMappings(feedContext);
  const scheduler = startSchedules(feedContext, events);
  const drain = async (): Promise<void> => {
    await scheduler.close();
    await Promise.all([httpApi.close(), mappings.stop(), events.stop()]);
  };

  const tables = tableNames(deployment);
  const endpoints: Endpoints = {
    api: url,
    dashboard: dashboard.url,
    dns: { host: dns.dns.host, port: dns.dns.port },
    outbox: outboxOf(stateDir),
    apiKey: await localApiKey(operator, tables.tenants, stateDir),
    aws: {
      endpoint: caller.endpoint,
      region: REGION,
      tables,
      accessKeyId: OPERATOR_KEY,
      secretAccessKey: 'local',
    },
  };
  writeFileAtomically(join(stateDir, 'endpoints.json'), JSON.stringify(endpoints, null, 2));
  return {
    endpoints,
    stateDir,
    zone: ZONE,
    readyMilliseconds: Math.round(performance.now() - started),
    dns: dns.dns,
    kms: standIns.kms,
    queues: standIns.sqs,
    route53: standIns.route53,
    scheduler,
    ses: standIns.ses,
    deliver: inboundDoor(deployment, operator, dns.dns.port),
    killFunction: (name) => functions.named(name).kill(),
    invoke: (name, event) => functions.named(name).invoke(JSON.stringify(event)),
    async passTime(milliseconds) {
      if (clock === undefined) throw new Error('the run was not started with movableTime');
      clock.advance(milliseconds);
      standIns.sqs.tick();
      await scheduler.tick();
    },
    goesOnAt: () => functions.goesOnAt,
    async stop() {
      const drained = drain();
      await Promise.race([drained, sleep(DRAIN_LIMIT, undefined, { ref: false })]);
      stopping = true;
      // What is still under way now fails, which lets the rest of the drain come to its end.
      await functions.stop();
      await drained;
      await close();
    },
  };
}

/** The configuration that a deployment would have in cdk.json, with DNS on this machine. */
function localConfig(dnsPort: number, config: Readonly<Record<string, unknown>>): object {
  return {
    name: 'sender-domains',
    region: REGION,
    zone: ZONE,
    dns: { resolvers: [`127.0.0.1:${dnsPort}`], authoritativePort: dnsPort },
    // All that can be deployed is tried here.
    rotation: { disclosure: true },
    ...config,
  };
}

/**
 * The tables, by the names that shared/runtime/tables.ts gives them: they are what the functions'
 * variables say.
 *
 * @throws Error on a table that no function is told of
 */
function tableNames(deployment: Deployment): Record<TableName, string> {
  const variables = [...deployment.functions.values()].map((declared) => declared.variables);
  const names = (Object.keys(tableShapes) as TableName[]).map((name) => {
    const variable = tableVariable(name);
    const found = variables.find((each) => each[variable] !== undefined)?.[variable];
    if (found === undefined) throw new Error(`no function is told of a table by ${variable}`);
    return [name, found] as const;
  });
  return Object.fromEntries(names) as Record<TableName, string>;
}

/** Takes an event of SES to the topics that its configuration set names. */
async function publishSesEvent(
  deployment: Deployment,
  operator: Caller,
  event: SesEvent,
  configurationSet: string,
): Promise<void> {
  const type = event.eventType.charAt(0).toLowerCase() + event.eventType.slice(1);
  for (const { configurationSetName, eventTypes, topicArn } of deployment.sesEventTopics) {
    if (configurationSetName !== configurationSet || !eventTypes.includes(type)) continue;
    await callQuery(operator, 'sns', {
      Action: 'Publish',
      TopicArn: topicArn,
      Message: JSON.stringify(event),
    });
  }
}
