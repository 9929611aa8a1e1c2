import { generateKeyPairSync } from 'node:crypto';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DAY_MS as DAY, HOUR_MS as HOUR, MINUTE_MS as MINUTE } from '#shared/core/time.ts';
import { isLong } from '../support/long.ts';
import { until } from './support/api.ts';
import { MailOverTime, type Received } from './support/mail-over-time.ts';
import { onboard } from './support/onboard.ts';
import { quiet } from './support/quiet.ts';
import { startService, type Service } from './support/service.ts';
import { dkimpy, mailauth, type Verifier } from './support/verifiers.ts';

const SECOND = 1_000;
/** Seconds from mail to mail of a domain whose record breaks. */
const MAIL_EVERY = isLong ? 1 : 4;
if (!isLong) {
  console.warn(`*** A mail every ${MAIL_EVERY} s. Every second: npm run test:long. ***`);
}

/** 60 s of the last verdict, 10 s to confirm, and the move. */
const MOST_UNVERIFIABLE_SECONDS = 90;

const otherKey = (): string =>
  generateKeyPairSync('rsa', { modulusLength: 2048 })
    .publicKey.export({ format: 'der', type: 'spki' })
    .toString('base64');

const strings = (value: string): string =>
  value
    .match(/.{1,255}/g)!
    .map((part) => `"${part}"`)
    .join(' ');

/** What a customer does to the record of the key that signs, by domain. */
const faults: Readonly<Record<string, (name: string) => string>> = {
  'removed.example': () => '',
  'looped.example': (name) => `${name} CNAME k.looped.example.\nk CNAME ${name}\n`,
  'strange.example': (name) => `${name} CNAME zero._domainkey.stranger.example.\n`,
  'other-key.example': (name) => `${name} TXT ${strings(`v=DKIM1; k=rsa; p=${otherKey()}`)}\n`,
};
const broken = Object.keys(faults);
const [SHORT, LONG, LAGGING] = ['minutes.example', 'hours.example', 'lagging.example'] as const;
const all = [...broken, SHORT, LONG, LAGGING];

let service: Service;
let mail: MailOverTime;
let verify: Verifier;
const whole = new Map<string, string>();
/** When each mail was submitted, by its subject. */
const submittedAt = new Map<string, number>();
const submittedFor = new Map<string, string>();
/** When the records of `hours.example` were back. */
let restoredAt = 0;
const received: Received[] = [];

const fileOf = (name: string, server = ''): string =>
  join(service.customerDns, server, `${name}.zone`);
const slot = (selector: string, name: string): string => `${selector}._domainkey.${name}.`;
const lineOf = (owner: string): RegExp => new RegExp(`^${owner.replaceAll('.', '\\.')} .*\n`, 'm');

const queues = ['check', 'rotation', 'publish.fifo', 'insync', 'outbound'];

/** Lets time pass until what is due then is done. */
async function pass(milliseconds: number): Promise<void> {
  // A call that is under way would take the jump for its own time, and give up its connection.
  await quiet(service, queues);
  await service.local.passTime(milliseconds);
  await quiet(service, queues);
}

async function submit(...names: readonly string[]): Promise<string[]> {
  return Promise.all(
    names.map(async (name) => {
      const at = Date.now();
      const { id, subject } = await mail.submit(name);
      submittedAt.set(subject, at);
      submittedFor.set(subject, name);
      return id;
    }),
  );
}

interface Verified {
  readonly at: number;
  readonly selector: string;
  readonly verdict: string;
}

/** Verifies, by the records of this moment, what came out since the last call; by domain, oldest first. */
async function verified(): Promise<Map<string, Verified[]>> {
  await quiet(service, queues);
  const mails = await mail.takeOut();
  received.push(...mails);
  const found = await Promise.all(
    [...Map.groupBy(mails, ({ domain }) => domain)].map(async ([name, some]) => {
      const raws = some.map(({ delivered }) => delivered);
      const verdicts = await verify(raws, name);
      const each = some.map(({ subject, selector }, index) => ({
        at: submittedAt.get(subject)!,
        selector,
        verdict: verdicts[index]!,
      }));
      return [name, each.toSorted((one, other) => one.at - other.at)] as const;
    }),
  );
  return new Map(found);
}

const outcomes = (mails: readonly Verified[] = []): string[] => [
  ...new Set(mails.map(({ selector, verdict }) => `${selector} ${verdict}`)),
];

const statusOf = async (name: string): Promise<string> =>
  (await service.api.domain(name)).body.status;
const verifiedAgain = (name: string) =>
  until(
    `${name} verified`,
    () => service.api.check(name),
    ({ body }) => body.status === 'verified',
  );
const eventsOf = async (name: string): Promise<string[]> => {
  const { body } = await service.api.request<{ events: { type: string }[] }>(
    'GET',
    `/v1/domains/${name}/events`,
  );
  return body.events.map(({ type }) => type);
};

beforeAll(async () => {
  // The tests move the time themselves, by seconds that count.
  service = await startService({ skipsWaits: false });
  mail = new MailOverTime(service);
  const python = await dkimpy(service.dnsPort);
  if (python === undefined) {
    console.warn('*** dkimpy (python3-dkim) is NOT installed: mailauth verifies in its place. ***');
  }
  verify = python ?? mailauth(service.dnsPort);
  service.local.ses.plantFaults({ holdEvents: true });
  await Promise.all(all.map((name) => onboard(service, service.api, name)));
  for (const name of all) whole.set(name, await readFile(fileOf(name), 'utf8'));
  // Ten minutes of age.
  await pass(10 * MINUTE);
}, 120_000);

afterAll(() => service?.stop());

/**
 * Breaks the record of the key that signs, of each domain in its way, and submits mail for twice the
 * time in which all of it has to verify again.
 *
 * @param others domains that get a mail now and then
 * @returns the mail of that time
 */
async function breakCurrent(others: readonly string[] = []): Promise<Map<string, Verified[]>> {
  const current = new Map<string, string>();
  for (const name of broken) {
    const { body } = await service.api.domain(name);
    current.set(name, body.dkim.current);
  }
  // So that the last verdict is fresh, which is the worst case.
  await submit(...broken);
  await pass(SECOND);
  await verified();
  const brokenAt = Date.now();
  for (const [name, fault] of Object.entries(faults)) {
    const owner = slot(current.get(name)!, name);
    expect(whole.get(name)).toMatch(lineOf(owner));
    await writeFile(fileOf(name), whole.get(name)!.replace(lineOf(owner), '') + fault(owner));
  }
  for (let second = 0; second < 2 * MOST_UNVERIFIABLE_SECONDS; second += MAIL_EVERY) {
    await submit(...broken, ...(second % 20 === 0 ? others : []));
    await pass(MAIL_EVERY * SECOND);
  }
  const found = await verified();
  for (const name of broken) {
    const mails = found.get(name)!;
    const failed = mails.filter(({ verdict }) => verdict !== 'pass');
    const seconds = ((failed.at(-1)?.at ?? brokenAt) - brokenAt) / SECOND;
    console.log(`${name}: ${failed.length} mails, over ${seconds.toFixed(1)} s, do not verify`);
    expect([name, seconds <= MOST_UNVERIFIABLE_SECONDS]).toEqual([name, true]);
    expect([name, mails.at(-1)?.verdict]).toEqual([name, 'pass']);
    expect([name, mails.at(-1)?.selector]).not.toEqual([name, current.get(name)]);
  }
  return found;
}

/** Puts every record back. @returns the outcomes of a mail of each domain, once they are verified */
async function repaired(): Promise<Record<string, string[]>> {
  for (const name of broken) {
    expect([name, await statusOf(name)]).toEqual([name, 'at-risk']);
    await writeFile(fileOf(name), whole.get(name)!);
  }
  for (const name of broken) await verifiedAgain(name);
  await submit(...broken);
  await pass(SECOND);
  const found = await verified();
  return Object.fromEntries(
    broken.map((name) => [name, (found.get(name) ?? []).map(({ verdict }) => verdict)]),
  );
}
const allPass = Object.fromEntries(broken.map((name) => [name, ['pass']]));

test('ten minutes after onboarding the record of the key that signs breaks: another slot signs', async () => {
  const servers = [1, 2, 3, 4].map((index) => `@ NS ns${index}.customer-dns.local.\n`).join('');
  const four = `${servers}${whole.get(LAGGING)!}`;
  await writeFile(fileOf(LAGGING), four);
  await submit(...all);
  await pass(SECOND);
  const before = await verified();
  for (const name of all) expect([name, outcomes(before.get(name))]).toEqual([name, ['zero pass']]);

  // One server of four has not heard of the record yet.
  await writeFile(fileOf(LAGGING, 'ns2'), four.replace(lineOf(slot('zero', LAGGING)), ''));
  const found = await breakCurrent([LAGGING]);
  expect(outcomes(found.get(LAGGING))).toEqual(['zero pass']);
  expect(await statusOf(LAGGING)).toBe('verified');
  await rm(fileOf(LAGGING, 'ns2'));
});

test('after the fix they are verified again, and their mail verifies', async () => {
  expect(await repaired()).toEqual(allPass);
});

test('while all three are gone mail waits, with an event and an end; what is left goes out', async () => {
  await submit(SHORT, LONG);
  await pass(SECOND);
  await verified();
  const goneAt = Date.now();
  for (const name of [SHORT, LONG]) await writeFile(fileOf(name), '');
  for (let second = 0; second < MOST_UNVERIFIABLE_SECONDS; second += MAIL_EVERY) {
    await submit(SHORT, LONG);
    await pass(MAIL_EVERY * SECOND);
  }
  const before = await verified();
  for (const name of [SHORT, LONG]) {
    const mails = before.get(name) ?? [];
    const seconds = ((mails.at(-1)?.at ?? goneAt) - goneAt) / SECOND;
    console.log(
      `${name}: ${mails.length} mails, over ${seconds.toFixed(1)} s, went out without a key`,
    );
    expect([name, seconds <= MOST_UNVERIFIABLE_SECONDS]).toEqual([name, true]);
  }
  const [first] = await submit(LONG, SHORT);
  for (let minute = 0; minute < 10; minute += 1) {
    await pass(MINUTE);
    await submit(SHORT);
  }
  expect(await verified()).toEqual(new Map());
  expect(await eventsOf(LONG)).toContain('signing.held');
  const { body: held } = await service.api.message(first!);
  expect(held).toMatchObject({ status: 'accepted', held: { code: 'key-not-published' } });
  expect(Math.round((Date.parse(held.expiresAt!) - Date.now()) / HOUR)).toBe(4);

  await writeFile(fileOf(SHORT), whole.get(SHORT)!);
  await pass(MINUTE);
  await pass(MINUTE);
  const back = (await verified()).get(SHORT)!;
  expect(back.length).toBeGreaterThanOrEqual(11);
  expect(new Set(back.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));

  let last = first!;
  for (let half = 0; half < 10; half += 1) {
    [last] = (await submit(LONG)) as [string];
    // Absences more than 15 minutes apart do not confirm each other.
    for (let part = 0; part < 3; part += 1) await pass(10 * MINUTE);
  }
  const { body: refused } = await service.api.message(first!);
  expect(refused.status).toBe('refused');
  expect(refused.reasons.join(' ')).toContain('key-not-published');
  restoredAt = Date.now();
  await writeFile(fileOf(LONG), whole.get(LONG)!);
  await pass(MINUTE);
  await pass(MINUTE);
  const left = (await verified()).get(LONG)!;
  console.log(`${LONG}: ${left.length} mails went out after 5 h, the earlier ones were refused`);
  expect(left.length).toBeGreaterThanOrEqual(6);
  expect(new Set(left.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
  expect((await service.api.message(last)).body.status).not.toBe('refused');
  for (const name of [SHORT, LONG]) await verifiedAgain(name);
});

test('while no server answers for six days nothing changes', async () => {
  await writeFile(fileOf(LAGGING), `$SILENT\n${whole.get(LAGGING)!}`);
  for (let day = 0; day < 6; day += 1) {
    await submit(LAGGING);
    await pass(DAY);
    const { body } = await service.api.domain(LAGGING);
    expect(body.status).toBe('verified');
    const dkim = body.records.filter(({ purpose }) => purpose === 'dkim');
    expect(dkim.map(({ status }) => status)).toEqual(['unknown', 'unknown', 'unknown']);
  }
  await writeFile(fileOf(LAGGING), whole.get(LAGGING)!);
  expect(outcomes((await verified()).get(LAGGING))).toEqual(['zero pass']);
});

const ages = { 'two hours': 2 * HOUR, 'ten days': 10 * DAY, 'eight months': 240 * DAY };
// Only in the long form: eight months take minutes.
test.runIf(isLong).each(Object.entries(ages))(
  'so it is, and is repaired, %s later',
  { timeout: 900_000 },
  async (_what, age) => {
    for (let passed = 0; passed < age; passed += 10 * DAY) await pass(Math.min(age, 10 * DAY));
    await breakCurrent();
    expect(await repaired()).toEqual(allPass);
  },
);

test('no mail was lost: each went out once, or was refused for want of a key', async () => {
  const out = received.map(({ subject }) => subject);
  expect(new Set(out).size).toBe(out.length);
  const missing = [...submittedAt.keys()].filter((subject) => !out.includes(subject));
  console.log(`${submittedAt.size} mails, ${out.length} sent, ${missing.length} refused`);
  expect(missing.length).toBeGreaterThan(0);
  for (const subject of missing) {
    expect(submittedFor.get(subject)).toBe(LONG);
    expect(restoredAt - submittedAt.get(subject)!).toBeGreaterThan(4 * HOUR - MINUTE);
  }
});
