import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { AnsweredCall } from '../../../local/aws/gateway.ts';
import { type AwsResponse, HANG_UP } from '../../../local/aws/http.ts';
import type { Usage } from '../../../cli/cost/usage.ts';

/** SQS and SNS bill a request for each 64 KB of it. */
const CHUNK = 65_536;

/** What one unit of work used, as AWS would bill it. */
export class UsageMeter {
  readonly #callers: ReadonlySet<string>;
  readonly #functions: readonly string[];
  #calls: AnsweredCall[] = [];

  /**
   * @param functions those whose work it is
   * @param containers likewise
   */
  constructor(functions: readonly string[], containers: readonly string[] = []) {
    this.#functions = functions;
    this.#callers = new Set([
      // SES and EventBridge put what they send on its way.
      'operator',
      ...[...functions, ...containers].map((name) => `function-sender-domains-${name}`),
    ]);
  }

  /** For `LocalOptions.observe`. */
  readonly observe = (call: AnsweredCall): void => {
    if (this.#callers.has(call.accessKeyId)) this.#calls.push(call);
  };

  /** Does the work and counts what it used. @param logs the folder of the functions' logs */
  async of(logs: string, work: () => Promise<void>): Promise<Usage> {
    const before = await this.#logged(logs);
    this.#calls = [];
    await work();
    const after = await this.#logged(logs);
    const calls = this.#calls;
    const usage = usageOf(calls);
    return {
      ...usage,
      invocations: Object.fromEntries(
        this.#functions.map((name) => [name, after[name]!.reports - before[name]!.reports]),
      ),
      logOctets: this.#functions.reduce(
        (sum, name) => sum + after[name]!.octets - before[name]!.octets,
        0,
      ),
    };
  }

  /** What each function has logged: reports of its invocations, and octets of its own lines. */
  async #logged(folder: string): Promise<Record<string, { reports: number; octets: number }>> {
    const entries = this.#functions.map(async (name) => {
      const file = join(folder, `sender-domains-${name}.log`);
      const lines = (await readFile(file, 'utf8').catch(() => '')).split('\n').filter(Boolean);
      const reports = lines.filter((line) => line.includes('"type":"platform.report"'));
      const own = lines.filter((line) => !line.includes('"type":"platform.'));
      const octets = own.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0);
      return [name, { reports: reports.length, octets }] as const;
    });
    return Object.fromEntries(await Promise.all(entries));
  }
}

const operationOf = ({ request }: AnsweredCall): string =>
  request.headers['x-amz-target']?.split('.').at(-1) ?? request.method;

const isWrite = (call: AnsweredCall): boolean => WRITES.test(operationOf(call));
const WRITES = /^(?:Put|Update|Delete|TransactWrite|BatchWrite)/;

function usageOf(calls: readonly AnsweredCall[]): Omit<Usage, 'invocations' | 'logOctets'> {
  const of = (service: string) => calls.filter((call) => call.service === service);
  const tables = of('dynamodb').filter(
    ({ request }) => !(request.headers['x-amz-target'] ?? '').includes('Streams'),
  );
  const buckets = of('s3').map(({ request }) => request.method);
  const topics = of('sns').map(({ request }) => Math.ceil(request.body.length / CHUNK));
  const queues = of('sqs').flatMap(queueRequests);
  return {
    calls: callsByCaller(calls),
    writeUnits: sum(tables.filter(isWrite).map(capacityOf)),
    readUnits: sum(tables.filter((call) => !isWrite(call)).map(capacityOf)),
    queueRequests: sum(queues),
    topicRequests: sum(topics),
    puts: buckets.filter((method) => method === 'PUT').length,
    gets: buckets.filter((method) => method === 'GET').length,
    busEvents: sum(of('events').map(({ request }) => entries(request.body))),
    keyRequests: of('kms').length,
  };
}

const sum = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0);

const entries = (body: Buffer): number =>
  (JSON.parse(body.toString()) as { Entries: unknown[] }).Entries.length;

/** What DynamoDB says that a call consumed; a write that its condition refused consumes a unit. */
function capacityOf({ response }: AnsweredCall): number {
  if (response === HANG_UP) return 0;
  if (response.status !== 200) return 1;
  const { ConsumedCapacity: consumed = [] } = JSON.parse(textOf(response)) as {
    ConsumedCapacity?: { CapacityUnits: number } | { CapacityUnits: number }[];
  };
  return sum([consumed].flat().map(({ CapacityUnits: units }) => units));
}

/** Answers of tables and queues are whole. */
const textOf = ({ body }: AwsResponse): string =>
  typeof body === 'string' || Buffer.isBuffer(body) ? body.toString() : '';

/** Polls that find nothing are not the work's. */
function queueRequests(call: AnsweredCall): number[] {
  const { request, response } = call;
  if (response === HANG_UP) return [];
  const answer = textOf(response);
  const isReceive = operationOf(call) === 'ReceiveMessage';
  if (isReceive && !answer.includes('"Messages"')) return [];
  return [Math.ceil(Math.max(request.body.length, isReceive ? answer.length : 0) / CHUNK)];
}

/** The calls that each function waits for, by service: `signer: {dynamodb: 9, ses: 1}`. */
function callsByCaller(calls: readonly AnsweredCall[]): Usage['calls'] {
  const counted: Record<string, Record<string, number>> = {};
  for (const call of calls) {
    // Lambda's own calls, and those of SES and EventBridge, are none of a function's time.
    if (/^(?:Receive|DeleteMessage)/.test(operationOf(call))) continue;
    if (call.accessKeyId === 'operator') continue;
    const name = call.accessKeyId.replace('function-sender-domains-', '');
    const own = (counted[name] ??= {});
    own[call.service] = (own[call.service] ?? 0) + 1;
  }
  return counted;
}
