import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeyHistory } from '#shared/api/routes/keys.ts';
import { isLong } from '../support/long.ts';
import { until } from './support/api.ts';
import { AwsLedger, type Spent } from './support/aws-ledger.ts';
import { MailOverTime, type Received } from './support/mail-over-time.ts';
import { onboard } from './support/onboard.ts';
import { quiet } from './support/quiet.ts';
import { DAY_MS as DAY, HOUR_MS as HOUR, MINUTE_MS as MINUTE } from '#shared/core/time.ts';
import { startService, type Service } from './support/service.ts';
import { mailauth } from './support/verifiers.ts';

const MONTHS = isLong ? 13 : 4;
/** Hours before and after the turn of a month in which mail is sent every hour by the shorter run. */
const AROUND = { before: 1, after: 1 };
const ELSE_EVERY = isLong ? HOUR : 12 * DAY;

if (!isLong) {
  console.warn(
    `*** ${MONTHS} months of rotation: mail every hour from ${AROUND.before} h before each rotation to ${AROUND.after} h after it, else every ${ELSE_EVERY / DAY} days. Thirteen months, every hour: npm run test:long. ***`,
  );
}

let service: Service;
let mail: MailOverTime;
const ledger = new AwsLedger();

beforeAll(async () => {
  service = await startService({ skipsWaits: false, observe: ledger.observe });
  mail = new MailOverTime(service);
  // Holds thousands of events of delivered mail, which these tests do not check.
  service.local.ses.plantFaults({ holdEvents: true });
});

afterAll(() => service?.stop());

interface Domain {
  readonly name: string;
  readonly label: string;
}

async function givenDomain(name: string): Promise<Domain> {
  const { records } = await onboard(service, service.api, name);
  const target = records.find(({ type }) => type === 'CNAME')!.value;
  return { name, label: /\.([a-z2-7]{26})\./.exec(target)![1]! };
}

async function keysOf({ name }: Domain): Promise<KeyHistory['keys']> {
  const { body } = await service.api.request<KeyHistory>('GET', `/v1/domains/${name}/keys`);
  return body.keys;
}

/**
 * Lets time pass until then, from event to event: a message that waits in a queue is dealt with, and
 * mail of five days ago verified, when the time for it has come.
 */
async function passTo(time: number): Promise<void> {
  for (;;) {
    await quiet(service, waking);
    const { local } = service;
    const next = Math.min(mail.checkAgainAt, local.goesOnAt(), ...waking.flatMap(delayedUntil));
    if (next >= time) break;
    await local.passTime(Math.max(1, Math.ceil(next - Date.now())));
    await mail.verifyLater();
  }
  await service.local.passTime(Math.max(0, time - Date.now()));
}

/** The turn of so many months after the first one. */
const turnOf = (first: number, months: number): number => {
  const date = new Date(first);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + months, 1, 3);
};

/** The queues that drive the work under test. */
const waking = ['rotation', 'publish.fifo', 'insync', 'identity.fifo', 'outbound', 'reports'];

const messagesOf = (queue: string) => service.local.queues.inspect(`sender-domains-${queue}`)!;

const delayedUntil = (queue: string): number[] =>
  messagesOf(queue).delayed.map(({ visibleAt }) => visibleAt);

describe('months of rotation', () => {
  let domains: Domain[];
  let names: string[];
  let firstTurn: number;
  let before: Map<string, Spent>;

  const spent = () => new Map(domains.map((domain) => [domain.name, ledger.spent(domain)]));
  /** Returns the cost of each domain since then. */
  const since = (then: ReadonlyMap<string, Spent>) =>
    Object.fromEntries(
      [...spent()].map(([name, now]) => {
        const was = then.get(name)!;
        const changes = now.changes.slice(was.changes.length);
        return [
          name,
          { pairs: now.pairs - was.pairs, writes: now.claimWrites - was.claimWrites, changes },
        ];
      }),
    );
  const each = (cost: object) => Object.fromEntries(names.map((name) => [name, cost]));

  async function exchangeMail(senders: readonly string[] = names): Promise<void> {
    await mail.send(senders);
    await mail.verifyLater();
  }

  /** The turn of a month, with mail every few minutes, until every domain has the key that it should. */
  async function turn(at: number, cost: object): Promise<void> {
    await passTo(at);
    const then = spent();
    const isDone = () => JSON.stringify(since(then)) === JSON.stringify(each(cost));
    // Two waves may each be watched for an hour.
    for (let minutes = 0; minutes < 180 && !isDone(); minutes += minutes < 2 ? 1 : 15) {
      await passTo(at + minutes * MINUTE);
      await exchangeMail();
      await quiet(service, waking);
      const written = Object.values(since(then)).every(({ writes }) => writes === 1);
      // The service publishes written changes by itself within a second or two.
      if (written) await until('publishing', async () => isDone(), Boolean, 20);
    }
    expect([new Date(at).toISOString(), since(then)]).toEqual([
      new Date(at).toISOString(),
      each(cost),
    ]);
  }

  beforeAll(async () => {
    const now = new Date();
    // A domain of the 2nd may rotate on the 1st of the month after.
    await passTo(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 2, 12));
    domains = [await givenDomain('january.example'), await givenDomain('july.example')];
    names = domains.map(({ name }) => name);
    firstTurn = turnOf(Date.now(), 1);
  }, 120_000);

  test('the first rotation has the spare wait to sign: no key is made, nothing published', async () => {
    await passTo(firstTurn - DAY);
    await exchangeMail();
    await turn(firstTurn, { pairs: 0, writes: 1, changes: [] });
    expect(mail.failures).toEqual([]);
  });

  test(
    'then each month one key pair, one claim write, one UPSERT a domain, and every mail verifies',
    async () => {
      before = spent();
      const started = performance.now();
      for (let month = 1; month <= MONTHS; month += 1) {
        const at = turnOf(firstTurn, month);
        for (const { time, senders } of mailTimes(turnOf(firstTurn, month - 1), at)) {
          await passTo(time);
          await exchangeMail(senders);
        }
        await turn(at, { pairs: 1, writes: 1, changes: ['UPSERT TXT'] });
        expect(mail.failures).toEqual([]);
        if (isLong) {
          const minutes = ((performance.now() - started) / MINUTE).toFixed(1);
          console.log(
            `month ${month} of ${MONTHS}: ${JSON.stringify(mail.verified)}, ${minutes} min`,
          );
        }
      }
      await passTo(Date.now() + 6 * DAY);
      expect(mail.failures).toEqual([]);
      expect(mail.verified.later).toBe(mail.verified.onTheDay);
      expect(mail.verified.onTheDay).toBeGreaterThan(
        isLong ? MONTHS * 30 * 24 : MONTHS * names.length * (AROUND.before + AROUND.after),
      );
      console.log(`${MONTHS} months: ${JSON.stringify(mail.verified)}, none failed`);
    },
    isLong ? 3 * HOUR : 15 * MINUTE,
  );

  test('nothing else was spent or written on those domains in all that time', () => {
    const changes = Array<string>(MONTHS).fill('UPSERT TXT');
    expect(since(before)).toEqual(each({ pairs: MONTHS, writes: MONTHS, changes }));
  });

  test('their histories are whole: one key after the other signed, without a gap', async () => {
    for (const domain of domains) {
      const keys = await keysOf(domain);
      expect(keys).toHaveLength(3 + MONTHS);
      const periods = keys
        .flatMap(({ signed }) => signed)
        .toSorted((a, b) => a.from.localeCompare(b.from));
      expect(periods).toHaveLength(2 + MONTHS);
      for (const [index, { to }] of periods.entries()) {
        expect(to).toBe(periods[index + 1]?.from ?? null);
      }
    }
  });

  /** When mail is sent between two turns: of every domain around them, else of one after the other. */
  function mailTimes(from: number, to: number): { time: number; senders: readonly string[] }[] {
    return Array.from({ length: Math.floor((to - from) / HOUR) }, (_, hour) => {
      const time = from + (hour + 1) * HOUR;
      const isAround = hour < AROUND.after || time >= to - AROUND.before * HOUR;
      const since = (hour + 1) * HOUR;
      const isSent = isAround || since % ELSE_EVERY === 0;
      const senders = isAround ? names : [names[(since / ELSE_EVERY) % names.length]!];
      return isSent && time < to ? [{ time, senders }] : [];
    }).flat();
  }
});

const reportCompromise = (name: string) =>
  service.api.request('POST', `/v1/domains/${name}/rotations`, { json: { reason: 'compromise' } });

const verdicts = (received: readonly Received[], name: string) =>
  mailauth(service.dnsPort)(
    received.map(({ delivered }) => delivered),
    name,
  );

describe('a compromise', () => {
  test('under load: no mail that comes after it is signed with the key, and all of it verifies', async () => {
    const { name } = await givenDomain('busy.example');
    const before = new Set<string>();
    const after = new Set<string>();
    let isRevoked = false;
    const submitting = Array.from({ length: 4 }, async () => {
      for (let left = 12; left > 0; left -= isRevoked ? 1 : 0) {
        const subjects = isRevoked ? after : before;
        subjects.add((await mail.submit(name)).subject);
        await sleep(50);
      }
    });
    await until(
      'load',
      async () => before.size,
      (count) => count >= 12,
    );
    expect((await reportCompromise(name)).status).toBe(200);
    isRevoked = true;
    await Promise.all(submitting);
    // Mail that met the moment between the key's end and the next one's promotion waits a little.
    await passTo(Date.now() + 10 * MINUTE);
    const received = await mail.receive(before.size + after.size);
    const late = received.filter(({ subject }) => after.has(subject));
    expect(late).toHaveLength(after.size);
    expect(late.length).toBeGreaterThanOrEqual(40);
    expect(new Set(late.map(({ selector }) => selector))).toEqual(new Set(['one']));
    expect(received.some(({ selector }) => selector === 'zero')).toBe(true);
    expect(new Set(await verdicts(late, name))).toEqual(new Set(['pass']));
  });

  test('where no other key is to be found: mail waits, and leaves once one is', async () => {
    const { name } = await givenDomain('lonely.example');
    const zone = join(service.customerDns, `${name}.zone`);
    const whole = await readFile(zone, 'utf8');
    const others = /^(one|two)\._domainkey.*\n/gm;
    expect(whole.match(others)).toHaveLength(2);
    await writeFile(zone, whole.replaceAll(others, ''));
    await until(
      'the other slots gone',
      () => service.api.check(name),
      ({ body }) => body.records.filter(({ status }) => status === 'missing').length === 2,
      30,
    );
    expect((await reportCompromise(name)).status).toBe(200);
    await mail.submit(name);
    await mail.submit(name);
    await passTo(Date.now() + 10 * MINUTE);
    expect(await mail.takeOut()).toEqual([]);

    await writeFile(zone, whole);
    await passTo(Date.now() + HOUR);
    const received = await mail.receive(2);
    expect(received.map(({ selector }) => selector)).toEqual(['one', 'one']);
    expect(await verdicts(received, name)).toEqual(['pass', 'pass']);
  });
});

describe('a record that is put right', () => {
  const STEP = 5_000;

  /** Lets time pass in short steps. @returns the milliseconds until the domain was checked again */
  async function timeToCheck(name: string): Promise<number> {
    const checkedAt = async () => (await service.api.domain(name)).body.checkedAt;
    const before = await checkedAt();
    for (let passed = 0; ; passed += STEP) {
      // No step while the planner or a check is under way, which would take that time too.
      await until(
        'functions at rest',
        async () => service.local.goesOnAt(),
        (at) => at > Date.now(),
      );
      await service.idle('check');
      if ((await checkedAt()) !== before) return passed;
      if (passed >= 10 * MINUTE) throw new Error(`${name} is not checked after 10 minutes`);
      await service.local.passTime(STEP);
    }
  }

  /**
   * Lets time pass until a check gives the domain the status. On a busy machine a check may end
   * without an answer of DNS, which changes nothing: the next one comes a minute later.
   */
  async function passToStatus(name: string, status: string): Promise<void> {
    for (let checks = 0; checks < 5; checks += 1) {
      if ((await service.api.domain(name)).body.status === status) return;
      await timeToCheck(name);
    }
    expect((await service.api.domain(name)).body.status).toBe(status);
  }

  test('is checked within 90 s though nobody asks, before and after it was verified', async () => {
    const name = 'corrected.example';
    const zone = join(service.customerDns, `${name}.zone`);
    await service.api.claim(name);
    await service.api.check(name);
    await service.local.passTime(20 * MINUTE);
    // What is corrected just after a check waits longest.
    await timeToCheck(name);
    const whole = await service.api.zoneFile(name);
    await writeFile(zone, whole);
    const first = await timeToCheck(name);
    await passToStatus(name, 'verified');

    await writeFile(zone, whole.replace(/^one\._domainkey.*\n/m, ''));
    await until(
      'the slot gone',
      () => service.api.check(name),
      ({ body }) => body.status === 'at-risk',
    );
    await service.local.passTime(20 * MINUTE);
    await passToStatus(name, 'at-risk');
    await timeToCheck(name);
    await writeFile(zone, whole);
    const second = await timeToCheck(name);
    await passToStatus(name, 'verified');
    console.info(
      `checked without anybody asking: ${first / 1000} s and ${second / 1000} s after the correction`,
    );
    expect(Math.max(first, second)).toBeLessThanOrEqual(90_000);
  });
});
