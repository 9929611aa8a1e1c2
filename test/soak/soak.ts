import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  GetQueueAttributesCommand,
  ListQueuesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { createTenant, setLimits } from '../../cli/tenant.ts';
import type { Endpoints } from '../../cli/service/endpoints.ts';
import type { LocalOptions } from '../../cli/service/run.ts';
import { ACCOUNT } from '../../local/template/interpret.ts';
import { Api, type Answer, type MessageDocument } from '../e2e/support/api.ts';
import { onboard } from '../e2e/support/onboard.ts';
import { readOutbox } from '../e2e/support/service.ts';
import { mailauth } from '../e2e/support/verifiers.ts';
import { mapLimited } from '../../shared/async/limit.ts';
import type { SoakService } from './service.ts';

export interface SoakOptions {
  readonly stateDir: string;
  readonly messages: number;
  readonly tenants: number;
  /** Share of all calls of AWS that fail, 0 to 1. */
  readonly rate: number;
  readonly seed: number;
  /** SIGKILLs of the whole service. */
  readonly kills: number;
  /** True if a key is compromised meanwhile, and a domain claimed and deleted. */
  readonly changes: boolean;
  readonly local?: Partial<LocalOptions>;
  readonly log: (line: string) => void;
}

/** What was seen at the end. */
export interface Proof {
  readonly accepted: number;
  /** Refused by the answer to their submission. */
  readonly refusedAtOnce: number;
  /** Submitted again under the same Idempotency-Key, and answered by the same id. */
  readonly repeated: number;
  readonly sentOnce: number;
  readonly refused: number;
  /** Sent more than once, each further time after an attempt that is counted as unclear. */
  readonly doubled: number;
  readonly deadLetters: number;
  readonly faults: Readonly<Record<string, number>>;
  /** What must not be; none. */
  readonly violations: readonly string[];
}

interface Tenant {
  readonly domain: string;
  readonly api: Api;
}
interface Submitted extends Tenant {
  readonly marker: string;
  readonly id: string;
}

const AT_ONCE = 8;
const ONBOARDED_AT_ONCE = 4;
const LONGEST_MS = 120_000;
/** Of so many mails one is submitted twice. */
const REPEATED_EACH = 10;

/** Plays the service under faults and kills, and verifies what became of each mail. */
export async function soak(options: SoakOptions): Promise<Proof> {
  const service = new Killable(options);
  try {
    await service.start(0);
    const tenants = await givenTenants(options, service);
    const accepted: Submitted[] = [];
    const repeated = { same: 0, violations: [] as string[] };
    let refusedAtOnce = 0;
    const killAt = new Set(
      Array.from({ length: options.kills }, (_, kill) =>
        Math.round(((kill + 1) * options.messages) / (options.kills + 1)),
      ),
    );
    service.fail(options.rate);
    const changes = options.changes ? changeDomains(tenants, service) : undefined;
    let next = 0;
    const submitSome = async (): Promise<void> => {
      for (let number = (next += 1); number <= options.messages; number = next += 1) {
        if (killAt.has(number)) await service.restart(options.rate);
        const tenant = tenants[number % tenants.length]!;
        const marker = `soak-${options.seed}-${number}-end`;
        const { status, body } = await untilAnswered(() => submit(tenant, marker));
        if (status !== 202) {
          refusedAtOnce += 1;
          continue;
        }
        accepted.push({ ...tenant, marker, id: body.id });
        if (number % REPEATED_EACH === 0) await repeat(tenant, marker, body.id, repeated);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, submitSome));
    await changes;
    options.log(`${accepted.length} mails accepted; faults end, and dead letters are moved back`);
    await service.restart(0);
    const deadLetters = await service.redrive();
    const before = { refusedAtOnce, repeated: repeated.same, deadLetters };
    const proof = await verified(options, service, accepted, before);
    return { ...proof, violations: [...repeated.violations, ...proof.violations] };
  } finally {
    await service.kill();
  }
}

/** Repeats a request until the service answers it, as its clients do. */
async function untilAnswered<Body>(request: () => Promise<Answer<Body>>): Promise<Answer<Body>> {
  const deadline = performance.now() + LONGEST_MS;
  for (;;) {
    const answer = await request().catch((error: unknown) => error as Error);
    const isAnswered = !(answer instanceof Error) && answer.status < 500 && answer.status !== 429;
    if (isAnswered) return answer;
    if (performance.now() > deadline) {
      throw new Error(
        `no answer in time: ${answer instanceof Error ? answer.message : answer.text}`,
      );
    }
    await sleep(200);
  }
}

const submit = ({ api, domain }: Tenant, marker: string) =>
  api.send(
    `From: Ann <ann@${domain}>\r\nTo: success@simulator.amazonses.com\r\nSubject: ${marker}\r\n\r\nHello.\r\n`,
    [],
    { 'idempotency-key': marker },
  );

/** Submits an accepted mail once more, as a client does that lost the answer: it has the same id. */
async function repeat(
  tenant: Tenant,
  marker: string,
  id: string,
  repeated: { same: number; readonly violations: string[] },
): Promise<void> {
  const { status, body } = await untilAnswered(() => submit(tenant, marker));
  if (status === 202 && body.id === id) repeated.same += 1;
  else repeated.violations.push(`${id}, submitted again, was answered ${status} ${body.id}`);
}

async function givenTenants(options: SoakOptions, service: Killable): Promise<Tenant[]> {
  const { stateDir } = options;
  const customerDns = join(stateDir, 'customer-dns');
  const numbers = Array.from({ length: options.tenants }, (_, number) => number);
  return mapLimited(numbers, { tasks: ONBOARDED_AT_ONCE }, async (number) => {
    const name = `tenant ${number}`;
    const { key } = await createTenant(name, { state: stateDir });
    const roomy = ['calls-minute=1000000', 'recipients-minute=1000000', 'checks=1000'];
    await setLimits(name, roomy, { state: stateDir });
    const api = new Api(service.endpoints.api, key);
    const domain = `soak${number}.example`;
    await onboard({ customerDns }, api, domain);
    return { api, domain };
  });
}

/** A key is compromised, a domain is claimed and proven, another deleted. */
async function changeDomains(tenants: readonly Tenant[], service: Killable): Promise<void> {
  const [first] = tenants;
  if (first === undefined) return;
  const { api, domain } = first;
  const json = { reason: 'compromise' };
  await untilAnswered(() => api.request('POST', `/v1/domains/${domain}/rotations`, { json }));
  const late = `late.${domain}`;
  await untilAnswered(() => api.claim(late));
  const zone = await untilAnswered(() =>
    api.request('GET', `/v1/domains/${late}/records?format=bind`),
  );
  await writeFile(join(service.stateDir, 'customer-dns', `${late}.zone`), zone.text);
  await untilAnswered(() => api.request('POST', `/v1/domains/${late}/checks`));
  await untilAnswered(() => api.request('DELETE', `/v1/domains/${late}`));
}

const FINAL = new Set(['delivered', 'refused', 'bounced', 'suppressed', 'complained']);

async function verified(
  { log, stateDir }: SoakOptions,
  service: Killable,
  accepted: readonly Submitted[],
  before: Pick<Proof, 'refusedAtOnce' | 'repeated' | 'deadLetters'>,
): Promise<Proof> {
  const violations: string[] = [];
  const documents = new Map<string, MessageDocument>();
  await mapLimited(accepted, { tasks: AT_ONCE }, async ({ api, id }) => {
    const deadline = performance.now() + 2 * LONGEST_MS;
    for (;;) {
      const { body } = await untilAnswered(() => api.message(id));
      documents.set(id, body);
      if (FINAL.has(body.status)) break;
      if (performance.now() > deadline) {
        violations.push(`${id} is ${body.status} to the end: ${JSON.stringify(body)}`);
        break;
      }
      await sleep(50);
    }
  });
  const mails = await readOutbox(service.endpoints.outbox);
  const byMarker = Map.groupBy(mails, ({ raw }) => /soak-\d+-\d+-end/.exec(raw.toString())?.[0]);
  const counts = { sentOnce: 0, refused: 0, doubled: 0 };
  for (const { id, marker, domain } of accepted) {
    const { status, reasons = [], unclearAttempts = 0 } = documents.get(id) ?? {};
    const copies = byMarker.get(marker) ?? [];
    for (const { raw } of copies) {
      const signed = /^DKIM-Signature:(?:.|\r\n[ \t])*?\bd=([^;\s]+)/m.exec(raw.toString())?.[1];
      if (signed !== domain) violations.push(`${id} of ${domain} is signed by ${signed}`);
    }
    if (status === 'refused' && copies.length === 0 && reasons.length > 0) counts.refused += 1;
    else if (copies.length === 1 && status === 'delivered') counts.sentOnce += 1;
    else if (copies.length > 1 && copies.length - 1 <= unclearAttempts) counts.doubled += 1;
    else
      violations.push(
        `${id} is ${status}, sent ${copies.length} times, ${unclearAttempts} unclear`,
      );
  }
  const markers = new Set(accepted.map(({ marker }) => marker));
  log(
    `${[...byMarker.keys()].filter((marker) => !markers.has(marker ?? '')).length} further mails`,
  );
  await verifySignatures(service, mails, accepted, violations);
  const left = await service.deadLetters();
  if (left.length > 0) violations.push(`dead letters are left: ${left.join(', ')}`);
  return {
    accepted: accepted.length,
    ...before,
    ...counts,
    faults: await faultsOf(stateDir),
    violations,
  };
}

/** By another verifier, through DNS; of the domains whose keys were not revoked. */
async function verifySignatures(
  service: Killable,
  mails: Awaited<ReturnType<typeof readOutbox>>,
  accepted: readonly Submitted[],
  violations: string[],
): Promise<void> {
  const verify = mailauth(service.endpoints.dns.port);
  const domains = [...new Set(accepted.map(({ domain }) => domain))].slice(1);
  for (const domain of domains) {
    const own = mails.filter(({ raw }) => raw.includes(`<ann@${domain}>`)).slice(0, 50);
    const verdicts = await verify(
      own.map(({ raw }) => raw),
      domain,
    );
    const bad = verdicts.filter((verdict) => verdict !== 'pass');
    if (bad.length > 0)
      violations.push(`${bad.length} mails of ${domain} do not verify: ${bad[0]}`);
  }
}

async function faultsOf(stateDir: string): Promise<Record<string, number>> {
  const total: Record<string, number> = {};
  for (const file of await readdir(stateDir)) {
    if (!/^faults-\d+\.json$/.test(file)) continue;
    const { calls, planted, messages } = JSON.parse(
      await readFile(join(stateDir, file), 'utf8'),
    ) as {
      calls: number;
      planted: Record<string, number>;
      messages: Record<string, number>;
    };
    for (const [kind, count] of Object.entries({ calls, ...planted, ...messages })) {
      total[kind] = (total[kind] ?? 0) + count;
    }
  }
  return total;
}

/** The whole service in a process of its own. */
class Killable {
  readonly stateDir: string;
  readonly #options: SoakOptions;
  #child: ChildProcess | undefined;
  #starting: Promise<void> | undefined;
  endpoints!: Endpoints;

  constructor(options: SoakOptions) {
    this.#options = options;
    this.stateDir = options.stateDir;
  }

  async start(rate: number): Promise<void> {
    const { stateDir, seed, local } = this.#options;
    const of: SoakService = {
      options: {
        quiet: true,
        fast: true,
        movableTime: true,
        config: { outbound: { unclearSeconds: 5 } },
        ...local,
        stateDir,
      },
      plan: { seed, rate },
    };
    const script = join(import.meta.dirname, 'service.ts');
    const child = spawn(process.execPath, [script, JSON.stringify(of)], {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    this.#child = child;
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`the service ended with ${code} before it was ready`);
    });
    await Promise.race([once(child.stdout!, 'data'), ended]);
    ended.catch(() => {});
    const file = join(stateDir, 'endpoints.json');
    this.endpoints = JSON.parse(await readFile(file, 'utf8')) as Endpoints;
  }

  /** Has that share of calls fail from now on. */
  fail(rate: number): void {
    this.#child!.send({ rate });
  }

  /** SIGKILL, and a new start; once for callers who want it at the same time. */
  async restart(rate: number): Promise<void> {
    this.#starting ??= (async () => {
      await this.kill();
      await this.start(rate);
    })().finally(() => {
      this.#starting = undefined;
    });
    return this.#starting;
  }

  /** SIGKILL; its ports are free once it has ended. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  #sqs(): SQSClient {
    const { endpoint, region, accessKeyId, secretAccessKey } = this.endpoints.aws;
    return new SQSClient({ endpoint, region, credentials: { accessKeyId, secretAccessKey } });
  }

  /** The queues of dead letters that hold some. */
  async deadLetters(): Promise<string[]> {
    const sqs = this.#sqs();
    const { QueueUrls: urls = [] } = await sqs.send(new ListQueuesCommand({}));
    const held = await Promise.all(
      urls
        .filter((url) => /-dead-letters(?:\.fifo)?$/.test(url))
        .map(async (url) => ((await countOf(sqs, url)) > 0 ? [url.split('/').at(-1) ?? ''] : [])),
    );
    return held.flat();
  }

  /** Moves all dead letters back. @returns their number */
  async redrive(): Promise<number> {
    const sqs = this.#sqs();
    let moved = 0;
    for (const name of await this.deadLetters()) {
      const arn = `arn:aws:sqs:${this.endpoints.aws.region}:${ACCOUNT}:${name}`;
      moved += await countOf(sqs, `${this.endpoints.aws.endpoint}/${ACCOUNT}/${name}`);
      await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arn }));
    }
    return moved;
  }
}

async function countOf(sqs: SQSClient, url: string): Promise<number> {
  const { Attributes: attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: ['ApproximateNumberOfMessages'],
    }),
  );
  return Number(attributes['ApproximateNumberOfMessages'] ?? 0);
}
