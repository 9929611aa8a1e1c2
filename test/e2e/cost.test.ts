import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { perCheck, perMail, perMinute, type Usage } from '../../cli/cost/usage.ts';
import type { AnsweredCall } from '../../local/aws/gateway.ts';
import { HOUR_MS, MINUTE_MS } from '../../shared/core/time.ts';
import { until, type Api } from './support/api.ts';
import { onboard } from './support/onboard.ts';
import { startService, type Service } from './support/service.ts';
import { UsageMeter } from './support/usage-meter.ts';

const FUNCTIONS = ['authorizer', 'messages', 'signer', 'ses-events', 'webhooks'];
const EVERY_MINUTE = ['check-planner', 'flattener', 'hand-over', 'outbox', 'rotation-planner'];
const meter = new UsageMeter(FUNCTIONS, ['smtp']);
const checkMeter = new UsageMeter(['checker']);
const minuteMeter = new UsageMeter(EVERY_MINUTE);

const observe = (call: AnsweredCall): void => {
  for (const each of [meter, checkMeter, minuteMeter]) each.observe(call);
};

let service: Service;
let other: Api;
beforeAll(async () => {
  service = await startService({ observe, skipsWaits: false });
  other = await service.newTenant('other');
  await onboard(service, service.api, 'cost.example');
  await onboard(service, other, 'other.example');
});
afterAll(() => service?.stop());

const logs = () => join(service.stateDir, 'logs');

/** A mail of 5 KB. */
function mailOf(domain: string): string {
  const header = [
    `From: Ann <ann@${domain}>`,
    'To: Bob <bob@receiver.example>',
    'Subject: Your order 12345 has been sent',
    `Message-ID: <${Math.random()}@${domain}>`,
    'Date: Mon, 30 Nov 2026 10:00:00 +0000',
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
  ];
  const line = 'A line of some length, as an ordinary mail to a customer has it.\r\n';
  const head = `${header.join('\r\n')}\r\n\r\n`;
  return head + line.repeat(Math.round((5_000 - head.length) / line.length));
}

/** Events that SES has had the service take in. */
async function eventsTaken(): Promise<number> {
  const log = await readFile(join(logs(), 'sender-domains-ses-events.log'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line.includes('the exit reported of a mail')).length;
}

/** Submits a mail and waits until its Send and Delivery are taken in, without a call of the API. */
async function completed(submit: () => Promise<unknown>): Promise<void> {
  const before = await eventsTaken();
  await submit();
  await until('both events', eventsTaken, (taken) => taken >= before + 2);
  await service.idle('outbound');
  // What follows the line of an event is written by then.
  await until(
    'the end of all functions',
    async () => service.local.goesOnAt(),
    (at) => at === Infinity,
  );
}

const byApi = async (api: Api, domain: string) => {
  const { status } = await api.send(mailOf(domain));
  expect(status).toBe(202);
};

async function bySmtp(): Promise<void> {
  const { host, port } = service.local.endpoints.smtp;
  const tls = { rejectUnauthorized: false };
  const auth = { user: 'sender-domains', pass: service.api.key };
  const transport = createTransport({ host, port, requireTLS: true, tls, auth });
  const envelope = { from: 'ann@cost.example', to: 'bob@receiver.example' };
  await transport.sendMail({ envelope, raw: mailOf('cost.example') });
  transport.close();
}

/** The least of each counter: a mail may be read before it is noted, which costs reads. */
function leastOf(usages: readonly Usage[], functions = FUNCTIONS): Usage {
  const least = (of: (usage: Usage) => number | undefined): number =>
    Math.min(...usages.map((usage) => of(usage) ?? 0));
  const counters = Object.keys(usages[0]!).filter(
    (name) => name !== 'calls' && name !== 'invocations',
  ) as Exclude<keyof Usage, 'calls' | 'invocations'>[];
  const calls = Object.entries(usages[0]!.calls).map(([name, byService]) => {
    const counts = Object.keys(byService).map(
      (service) => [service, least(({ calls: each }) => each[name]?.[service])] as const,
    );
    return [name, Object.fromEntries(counts.filter(([, count]) => count > 0))] as const;
  });
  const invocations = functions.map(
    (name) => [name, least(({ invocations: each }) => each[name])] as const,
  );
  return {
    ...usages[0]!,
    ...Object.fromEntries(counters.map((name) => [name, least((each) => each[name])])),
    calls: Object.fromEntries(calls.filter(([, counts]) => Object.keys(counts).length > 0)),
    invocations: Object.fromEntries(invocations.filter(([, count]) => count > 0)),
  };
}

/** Counts again where a busy machine has something read once more. */
const MOST_TRIES = 20;

/**
 * Counts until one try, or the least of all, is what is expected: what is read every few seconds may
 * be read once more in a try, or once less.
 *
 * @returns that, or else the last try
 */
async function counted(
  expected: Usage,
  once: () => Promise<Usage>,
  functions = FUNCTIONS,
): Promise<Usage> {
  const usages: Usage[] = [];
  for (let tries = 1; ; tries += 1) {
    usages.push(await once());
    const [last, least] = [usages.slice(-1), usages].map((some) =>
      asExpected(leastOf(some, functions), expected),
    );
    const found = [last!, least!].find((usage) => isDeepStrictEqual(usage, expected));
    if (found !== undefined || tries === MOST_TRIES) return found ?? last!;
  }
}

/** @param before is done before each mail that is counted */
const mail = (
  expected: Usage,
  submit: () => Promise<unknown>,
  before: () => Promise<unknown>,
): Promise<Usage> =>
  counted(expected, async () => {
    await before();
    return meter.of(logs(), () => completed(submit));
  });

/** Passes time, so that what signers remember is read again, but for what all domains share. */
async function after(milliseconds: number): Promise<void> {
  await service.local.passTime(milliseconds);
  await completed(() => byApi(other, 'other.example'));
}
const soon = () => after(6_000);
const quietly = () => after(HOUR_MS);

/**
 * A count beside the expected one. A mail that its signer reads before it is noted is read once more;
 * the ids and times of log lines differ in length.
 */
function asExpected(used: Usage, expected: Usage): Usage {
  // To write new counts: what this prints belongs into cli/cost/usage.ts.
  if (process.env['PRINT_USAGE'] !== undefined) console.log(JSON.stringify(used));
  const isClose = Math.abs(used.logOctets - expected.logOctets) < 10 + expected.logOctets / 20;
  const close = { ...used, logOctets: isClose ? expected.logOctets : used.logOctets };
  const reads = used.calls['signer']?.['dynamodb'] ?? 0;
  if (reads !== (expected.calls['signer']?.['dynamodb'] ?? 0) + 1) return close;
  const signer = { ...used.calls['signer'], dynamodb: reads - 1 };
  return { ...close, calls: { ...used.calls, signer }, readUnits: used.readUnits - 1 };
}

/** The next minute, with the calls that are due in it. */
async function minute(): Promise<void> {
  const before = await reportsOf(EVERY_MINUTE);
  await service.local.passTime(MINUTE_MS);
  const reports = () => reportsOf(EVERY_MINUTE);
  await until('the schedules', reports, (count) => count >= before + EVERY_MINUTE.length);
}

async function check(): Promise<Usage> {
  await service.local.passTime(10_000);
  return checkMeter.of(logs(), async () => {
    await service.api.check('cost.example');
    await service.idle('check');
  });
}

const passing = () => minuteMeter.of(logs(), minute);
const byOwn = () => byApi(service.api, 'cost.example');

test('a check, and a minute without work, use what the command "cost" counts', async () => {
  expect(await counted(perCheck, check, ['checker'])).toEqual(perCheck);
  expect(await counted(perMinute, passing, EVERY_MINUTE)).toEqual(perMinute);
}, 240_000);

/** Invocations of some functions, in all. */
async function reportsOf(functions: readonly string[]): Promise<number> {
  const counts = functions.map(async (name) => {
    const file = join(logs(), `sender-domains-${name}.log`);
    const log = await readFile(file, 'utf8').catch(() => '');
    return log.split('"platform.report"').length - 1;
  });
  return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
}

test('a mail uses what the command "cost" counts', async () => {
  await completed(() => byApi(service.api, 'cost.example'));
  await completed(bySmtp);
  expect(await mail(perMail.api, byOwn, soon)).toEqual(perMail.api);
  expect(await mail(perMail.smtp, bySmtp, soon)).toEqual(perMail.smtp);
  expect(await mail(perMail.quiet, byOwn, quietly)).toEqual(perMail.quiet);
}, 480_000);
