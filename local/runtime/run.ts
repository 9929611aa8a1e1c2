import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type AlarmState, stateOf } from '../aws/alarms.ts';
import { Metrics } from '../aws/metrics.ts';
import { readJsonFile, writeFileAtomically } from '../aws/state-file.ts';
import type { AnsweredCall, GatewayOptions } from '../aws/gateway.ts';
import type { Kms } from '../aws/kms.ts';
import type { Route53 } from '../aws/route53.ts';
import type { Scheduler } from '../aws/scheduler.ts';
import type { Ses } from '../aws/ses.ts';
import type { SesEvent } from '../aws/ses-events.ts';
import type { Disorder } from '../aws/sqs-queues.ts';
import type { Sqs } from '../aws/sqs.ts';
import type { DnsServer } from '../dns/server.ts';
import type { App } from './app.ts';
import { authorizeBy } from './authorization.ts';
import { callQuery, type Caller } from './aws-call.ts';
import { deliverEvent } from './bus-events.ts';
import { missingGrants } from './connections.ts';
import { type RunningContainer, startContainer } from './container/containers.ts';
import { Deployment, OPERATOR_KEY } from './deployment.ts';
import { startDistribution, type DistributionServer } from './distribution.ts';
import type { AsyncInvocations } from './event-sources/async-invocations.ts';
import {
  asyncInvocations,
  routesOf,
  startMappings,
  startSchedules,
} from './event-source-mappings.ts';
import { Functions } from './functions.ts';
import { startHttpApi, type HttpApiServer } from './http-api/server.ts';
import type { Outcome } from './lambda/environment.ts';
import { collector } from './lambda/garbage.ts';
import type { Internet } from './lambda/internet.ts';
import { LogFile } from './lambda/log.ts';
import { inboundChannel, type InboundMail } from './inbound.ts';
import { lockFolder } from './lock.ts';
import { MovableClock, useClock } from './movable-clock.ts';
import { anyPort, choosePort } from './ports.ts';
import { resourceTypes } from './resources/index.ts';
import { outboxOf, startDns, startServices, type StandInOptions } from './stand-ins.ts';
import { sharedAssembly, synthesize } from './synthesize.ts';
import { readAssembly } from '../template/assembly.ts';
import { ACCOUNT, interpret } from '../template/interpret.ts';

/** Milliseconds. */
const COLLECT_EVERY = 5_000;
const MINUTE_MS = 60_000;
/** Milliseconds that functions may go on when the run stops. */
const DRAIN_LIMIT = 10_000;

export interface RunOptions {
  /** The folder that holds all state; it is made where there is none. */
  readonly stateDir: string;
  /** A folder of assemblies that runs share; absent: the run keeps its own in `stateDir`. */
  readonly assemblies?: string | undefined;
  /**
   * A file of RSA-2048 key pairs that KMS hands out before it makes any, which takes tenths of a
   * second; see `readKeyPairs`. Each run begins with the first of them.
   */
  readonly keyPairs?: string | undefined;
  /** 0 or absent: that of the last run if it is free, else any. */
  readonly apiPort?: number;
  /** 0 or absent: that of the last run if it is free, else any. */
  readonly dashboardPort?: number;
  /** 0 or absent: that of the last run if it is free, else any. */
  readonly dnsPort?: number;
  /** Says nothing on the console; log files are written all the same. */
  readonly quiet?: boolean;
  /**
   * The stand-ins of hosts on the public internet that functions send requests to; absent: none.
   */
  readonly internet?: Internet;
  /**
   * Lets the run's time be moved on by `passTime`. This process goes by that clock too while it runs,
   * since the stand-ins in it do.
   */
  readonly movableTime?: boolean;
  /** Lifts the rates that SES, KMS and Route 53 hold an account to; absent: they are held. */
  readonly fast?: boolean;
  /** Plants faults of AWS: what it returns is answered in place of a stand-in. */
  readonly fail?: GatewayOptions['fail'];
  /** Has messages of standard queues come twice, or late. */
  readonly disorder?: Disorder | undefined;
  /** Gets each call of AWS that a stand-in has answered. */
  readonly observe?: (call: AnsweredCall) => void;
}

/** An app, running on this machine. */
export interface Run {
  readonly stateDir: string;
  /** The base URL of the HTTP API; undefined where the templates declare none. */
  readonly api: string | undefined;
  /** The base URL of the distribution; undefined where the templates declare none. */
  readonly site: string | undefined;
  /** The folder that mail comes into. */
  readonly outbox: string;
  /** The settings by which the operator's tools reach the stand-ins. */
  readonly operator: Caller;
  /** The declarations of the templates. */
  readonly deployment: Pick<Deployment, 'functions' | 'principals' | 'queues'>;
  /** From the call of `startApp` to the first request that would be served. */
  readonly readyMilliseconds: number;
  readonly dns: DnsServer;
  /** The containers of the templates' services, each a process. */
  readonly containers: readonly RunningContainer[];
  /** The port on this machine that a load balancer's port leads to. @throws Error where none does */
  loadBalancedPort(port: number): number;
  /** The stand-ins, to plant faults in and to inspect. */
  readonly kms: Kms;
  readonly queues: Pick<Sqs, 'inspect' | 'send'>;
  readonly route53: Route53;
  readonly scheduler: Pick<Scheduler, 'nextTime'>;
  readonly ses: Ses;
  /** Copies all tables, for restores to a time from now on until the next copy. */
  takeCopy(): Promise<void>;
  /** Hands a mail to SES's receiving side, as another mail server would by SMTP. @throws Error where SES does not take it */
  deliver(mail: InboundMail): Promise<void>;
  /** Ends the execution environments of a function wherever they are: `signer`. */
  killFunction(name: string): Promise<void>;
  /**
   * Every alarm of the templates and its state now. Known are the calls and errors of functions, what
   * they count in the embedded metric format, and the messages of queues; a metric of anything else
   * has no data.
   */
  alarms(): { readonly name: string; readonly state: AlarmState }[];
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
  /** The ports of this machine that stand for those of containers. */
  readonly containers?: Readonly<Record<number, number>>;
  readonly api?: number;
  readonly dashboard?: number | undefined;
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
export async function startApp(app: App, options: RunOptions): Promise<Run> {
  const started = performance.now();
  const stateDir = resolve(options.stateDir);
  mkdirSync(stateDir, { recursive: true });
  const closing: (() => Promise<void> | void)[] = [lockFolder(stateDir)];
  const deployed = Promise.withResolvers<Caller>();
  // Where the start fails, no caller may be waiting.
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
    return await start(app, { ...options, stateDir }, started, deployed, closing, close);
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
  app: App,
  {
    stateDir,
    assemblies,
    keyPairs,
    apiPort,
    dashboardPort,
    dnsPort,
    quiet = false,
    movableTime = false,
    fast = false,
    internet,
    fail,
    disorder,
    observe,
  }: RunOptions,
  started: number,
  deployed: PromiseWithResolvers<Caller>,
  closing: (() => Promise<void> | void)[],
  close: () => Promise<void>,
): Promise<Run> {
  const { region } = app;
  const clock = movableTime ? new MovableClock() : undefined;
  const leadFile = join(stateDir, 'clock.json');
  // Time does not go back from run to run: what was stored by the last one would be in the future.
  const { ahead = 0 } = (readJsonFile(leadFile) ?? {}) as { readonly ahead?: number };
  clock?.advance(ahead);
  if (clock !== undefined) closing.push(useClock(clock.shared));
  const logs = join(stateDir, 'logs');
  const logFile = new LogFile(logs, 'local');
  const deniedLog = new LogFile(logs, 'denied');
  closing.push(
    () => logFile.close(),
    () => deniedLog.close(),
  );
  let stopping = false;
  const log = (problem: string): void => {
    logFile.write({ timestamp: new Date().toISOString(), level: 'WARN', message: problem });
    // Work that the end cuts off goes on at the next start; no message is needed.
    if (!quiet && !stopping) console.error(problem);
  };

  const deployment = new Deployment();
  const place = { region, account: ACCOUNT };
  const authorize = authorizeBy(deployment, place, (accessKeyId, call, reason) => {
    deniedLog.write({ timestamp: new Date().toISOString(), accessKeyId, ...call, reason });
    log(`DENIED: ${accessKeyId} ${call.action} on ${call.resource}: ${reason}`);
  });

  let running: Functions | undefined;
  const portsFile = join(stateDir, 'ports.json');
  const last = (readJsonFile(portsFile) ?? {}) as Ports;
  const invocations = Promise.withResolvers<AsyncInvocations>();
  const standInOptions: StandInOptions = {
    stateDir,
    region,
    dnsPort: await choosePort(dnsPort, last.dns, 'DNS_PORT', 'udp'),
    gatewayPort: await choosePort(undefined, last.gateway, 'the gateway'),
    keyPairs,
    fast,
    authorize,
    fail,
    disorder,
    observe,
    log,
    hasBus: (name) => deployment.eventBuses.has(name),
    findFunction: (name) => [...deployment.functions.values()].find((fn) => fn.name === name),
    async invokeFunction(arn, payload) {
      if (running === undefined) throw new Error('the local run is not ready yet');
      const outcome = await running.get(arn).invoke(payload);
      return outcome.answered
        ? { payload: outcome.payload, failed: false }
        : { payload: JSON.stringify(outcome.error), failed: true };
    },
    deliver: async (bus, event) => deliverEvent(deployment, await deployed.promise, bus, event),
    publish: async (event, set) => publishSesEvent(deployment, await deployed.promise, event, set),
    invoke: async (functionArn, event) => (await invocations.promise).submit(functionArn, event),
  };
  const dns = await startDns(standInOptions, closing);
  const synthesized = assemblyOf(app, settingsFile(app, stateDir, dns.dns.port), {
    stateDir,
    assemblies,
  });
  const [standIns] = await Promise.all([
    startServices(standInOptions, dns, closing),
    // A failure is thrown when its turn comes, after the services that are starting.
    synthesized.catch(() => {}),
  ]);
  const assembly = await synthesized;

  const api = (await choosePort(apiPort, last.api, 'API_PORT')) || (await anyPort());
  const dashboardAt = await choosePort(dashboardPort, last.dashboard, 'DASHBOARD_PORT');
  const url = `http://127.0.0.1:${api}`;
  const caller = { endpoint: standIns.gateway.url, region };
  const operator: Caller = { ...caller, accessKeyId: OPERATOR_KEY };
  await interpret(
    await readAssembly(assembly, region),
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

  // The receivers of messages in flight died with an earlier run.
  standIns.sqs.releaseInFlight();
  const metrics = new Metrics();
  const functions = new Functions(deployment, caller, logs, { clock, internet, metrics });
  running = functions;
  closing.push(() => functions.close());
  for (const { pool, functionArn } of deployment.userPoolTriggers) {
    standIns.cognito.writeMailsBy(pool, async (event) => {
      const outcome = await functions.get(functionArn).invoke(event);
      return outcome.answered ? outcome.payload : undefined;
    });
  }
  const { writes } = standIns;
  const eventSourceContext = { deployment, functions, caller, stateDir, writes, log };
  const httpApi = await serveApi(deployment, functions, { region, port: api, log });
  const distribution = await serveDistribution(app, deployment, {
    api: url,
    port: dashboardAt,
    log,
  });
  if (distribution !== undefined) closing.push(() => distribution.close());
  const containers: RunningContainer[] = [];
  closing.push(async () => {
    await Promise.all(containers.map((container) => container.stop()));
  });
  for (const declared of deployment.containers) {
    const wanted = await freePorts(last.containers ?? {});
    const context = { caller, stateDir, logs, log, ports: wanted };
    containers.push(await startContainer(declared, context));
  }
  const ports: Ports = {
    containers: Object.assign({}, ...containers.map((each) => each.ports)) as Ports['containers'] &
      object,
    api,
    dashboard: distribution?.port,
    dns: dns.dns.port,
    gateway: standIns.gateway.port,
  };
  writeFileAtomically(portsFile, JSON.stringify(ports));
  const events = asyncInvocations(eventSourceContext);
  events.start();
  invocations.resolve(events);
  const mappings = startMappings(eventSourceContext);
  const collecting = setInterval(collector(), COLLECT_EVERY).unref();
  closing.push(() => clearInterval(collecting));
  const scheduler = startSchedules(eventSourceContext, events);
  const drain = async (): Promise<void> => {
    await scheduler.close();
    await Promise.all([httpApi?.close(), mappings.stop(), events.stop()]);
  };

  return {
    stateDir,
    api: httpApi && url,
    site: distribution?.url,
    outbox: outboxOf(stateDir),
    operator,
    deployment,
    readyMilliseconds: Math.round(performance.now() - started),
    dns: dns.dns,
    containers,
    loadBalancedPort(port) {
      const inside = deployment.listeners.get(port) ?? 0;
      const found = containers.find((each) => each.ports[inside] !== undefined)?.ports[inside];
      if (found === undefined) throw new Error(`no load balancer leads on from port ${port}`);
      return found;
    },
    kms: standIns.kms,
    queues: standIns.sqs,
    route53: standIns.route53,
    scheduler,
    ses: standIns.ses,
    takeCopy: () => standIns.copies.take(),
    deliver: inboundChannel(deployment, operator, dns.dns, app.checkSpf),
    alarms() {
      const now = Date.now();
      addQueues(metrics, [...deployment.queues.values()], standIns.sqs, now);
      // The minute that is not over is part of what people ask for here.
      return deployment.alarms.map((alarm) => ({
        name: alarm.name,
        state: stateOf(alarm, metrics, now + MINUTE_MS),
      }));
    },
    killFunction: (name) => functions.named(name).kill(),
    invoke: (name, event) => functions.named(name).invoke(JSON.stringify(event)),
    async passTime(milliseconds) {
      if (clock === undefined) throw new Error('the run was not started with movableTime');
      clock.advance(milliseconds);
      writeFileAtomically(leadFile, JSON.stringify({ ahead: clock.ahead }));
      standIns.sqs.tick();
      await scheduler.tick();
    },
    goesOnAt: () => functions.goesOnAt,
    async stop() {
      // Containers take in mail, which functions then still work on.
      await Promise.all(containers.map((container) => container.stop()));
      const drained = drain();
      await Promise.race([drained, sleep(DRAIN_LIMIT, undefined, { ref: false })]);
      stopping = true;
      // Work still under way fails now, which lets the rest of the drain end.
      await functions.stop();
      await drained;
      await close();
    },
  };
}

/** Adds the messages that queues have, as SQS does once a minute. */
function addQueues(
  metrics: Metrics,
  queues: readonly { readonly name: string }[],
  sqs: Pick<Sqs, 'inspect'>,
  now: number,
): void {
  for (const { name } of queues) {
    const metric = {
      namespace: 'AWS/SQS',
      name: 'ApproximateNumberOfMessagesVisible',
      dimensions: { QueueName: name },
    };
    metrics.add(metric, sqs.inspect(name)?.visible.length ?? 0, now);
  }
}

/** Those of the last run's ports that are still free. */
async function freePorts(last: Readonly<Record<number, number>>): Promise<Record<number, number>> {
  const free: Record<number, number> = {};
  for (const [inside, port] of Object.entries(last)) {
    const found = await choosePort(undefined, port, 'a container');
    if (found !== 0) free[Number(inside)] = found;
  }
  return free;
}

/** @returns the folder of the app's assembly, synthesized where it is missing */
async function assemblyOf(
  app: App,
  settings: string | undefined,
  { stateDir, assemblies }: Pick<RunOptions, 'stateDir' | 'assemblies'>,
): Promise<string> {
  if (assemblies !== undefined) return sharedAssembly(app, settings, assemblies);
  const folder = join(stateDir, 'cdk.out');
  await synthesize(app, settings, folder);
  return folder;
}

/** Writes the app's settings for this run. @returns their file; undefined where the app takes none */
function settingsFile({ settings }: App, stateDir: string, dnsPort: number): string | undefined {
  if (settings === undefined) return undefined;
  const file = join(stateDir, 'config.json');
  writeFileAtomically(file, JSON.stringify(settings.of(dnsPort), null, 2));
  return file;
}

interface Serving {
  readonly port: number;
  readonly log: (problem: string) => void;
}

/** @throws Error where the templates declare several APIs, or one without a stage */
async function serveApi(
  { apis }: Deployment,
  functions: Functions,
  { region, port, log }: Serving & { readonly region: string },
): Promise<HttpApiServer | undefined> {
  const [api, ...others] = apis.values();
  if (api === undefined) return undefined;
  if (api.stage === undefined || others.length > 0) {
    throw new Error(
      'the local run serves one HTTP API with one stage, and the templates declare another number',
    );
  }
  const { id: apiId, stage } = api;
  const routes = routesOf(api, functions);
  return startHttpApi({ accountId: ACCOUNT, apiId, stage, region, routes }, port, log);
}

/** @throws Error where the templates declare several distributions */
async function serveDistribution(
  { siteFiles = {} }: App,
  { distributions }: Deployment,
  { api, port, log }: Serving & { readonly api: string },
): Promise<DistributionServer | undefined> {
  const [distribution, ...others] = distributions.values();
  if (distribution === undefined) return undefined;
  if (others.length > 0) {
    throw new Error('the local run serves one distribution, and the templates declare several');
  }
  return startDistribution(distribution, siteFiles, api, port, log);
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
