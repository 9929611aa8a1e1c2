import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Claim } from '#shared/core/model/claim.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { currentKey, PREVIOUS_KEPT_DAYS, type RingKey } from '#shared/core/model/key-ring.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import { revokeSigningKey } from '#shared/app/rotation/revoke-signing-key.ts';
import { insyncSinceOf } from '#shared/app/rotation/dns-precheck.ts';
import { rotateClaim } from '#shared/app/rotation/rotate.ts';
import { ZoneUnavailable } from '#shared/app/ports/zone.ts';
import { throttled } from '../../../fakes/zone.ts';
import { isLong } from '../../../support/long.ts';
import { Mortal } from './faults.ts';
import { DAY, HOUR, Outage, slotName, TestEnvironment, type SentMail } from './test-environment.ts';

/** The duration of a fault, or the time of an event, in hours from the beginning. */
interface Span {
  readonly from: number;
  readonly hours: number;
}

type Fault =
  | {
      readonly kind: 'KMS throttles' | 'KMS is out' | 'Route 53 throttles' | 'Route 53 is out';
      readonly span: Span;
    }
  | { readonly kind: 'Route 53 refuses' | 'never INSYNC'; readonly span: Span }
  | {
      readonly kind: 'a resolver lies' | 'a resolver is out';
      readonly resolver: number;
      readonly span: Span;
    }
  | {
      readonly kind:
        | 'a CNAME is gone'
        | 'a CNAME points at another label'
        | 'a stale key is copied';
      readonly domain: number;
      readonly slot: number;
      readonly span: Span;
    }
  | {
      readonly kind: 'the worker dies';
      readonly at: number;
      readonly when: 'before' | 'after';
      readonly month: number;
    }
  | { readonly kind: 'the schedule fires again'; readonly month: number; readonly hours: number }
  | { readonly kind: 'a month is late'; readonly month: number; readonly hours: number }
  | { readonly kind: 'a manual rotation'; readonly domain: number; readonly at: number }
  | { readonly kind: 'a compromise'; readonly domain: number; readonly at: number };

const START = Date.parse('2026-01-01T00:00:00.000Z');
const MONTHS = 4;
const HOURS = (MONTHS + 1) * 30 * 24;
const DOMAINS = 3;
/** A key is promoted at most so long after its slot was checked: one call of the worker. */
const SAMPLED_MS = 180_000;
/** The time to notice that a slot broke: this suite checks every six hours; checks are hourly. */
const CHECK_HOURS = 6;
const NOTICED_MS = (CHECK_HOURS + 2) * HOUR;

/** Around the turn of a month, where a rotation may meet it, or at any time. */
const hour = fc.oneof(
  // The keys that a domain begins with met no DNS precheck, and are half an hour old by then.
  fc.integer({ min: 1, max: HOURS - 1 }),
  fc
    .tuple(fc.integer({ min: 1, max: MONTHS }), fc.integer({ min: -30, max: 40 }))
    .map(([month, offset]) => Math.max(0, (turnOf(month) - START) / HOUR + offset)),
);
const span = fc.record({ from: hour, hours: fc.integer({ min: 1, max: 24 * 12 }) });
/** Services of AWS come back within days. */
const outage = fc.record({ from: hour, hours: fc.integer({ min: 1, max: 60 }) });
const domain = fc.integer({ min: 0, max: DOMAINS - 1 });
const slot = fc.integer({ min: 0, max: 2 });
const month = fc.integer({ min: 1, max: MONTHS });

const faults: Record<string, fc.Arbitrary<Fault>> = {
  'AWS refuses or is out': fc.record({
    kind: fc.constantFrom<
      ('KMS throttles' | 'KMS is out' | 'Route 53 throttles' | 'Route 53 is out')[]
    >('KMS throttles', 'KMS is out', 'Route 53 throttles', 'Route 53 is out'),
    span: outage,
  }),
  'Route 53 refuses what it is given, or never has it INSYNC': fc.record({
    kind: fc.constantFrom<('Route 53 refuses' | 'never INSYNC')[]>(
      'Route 53 refuses',
      'never INSYNC',
    ),
    span,
  }),
  'a resolver of ours lies or is out': fc.record({
    kind: fc.constantFrom<('a resolver lies' | 'a resolver is out')[]>(
      'a resolver lies',
      'a resolver is out',
    ),
    resolver: fc.integer({ min: 0, max: 2 }),
    span,
  }),
  'a customer breaks a record': fc.record({
    kind: fc.constantFrom<
      ('a CNAME is gone' | 'a CNAME points at another label' | 'a stale key is copied')[]
    >('a CNAME is gone', 'a CNAME points at another label', 'a stale key is copied'),
    domain,
    slot,
    span,
  }),
  'the worker dies at any step': fc.record({
    kind: fc.constant('the worker dies'),
    at: fc.integer({ min: 1, max: 40 }),
    when: fc.constantFrom<('before' | 'after')[]>('before', 'after'),
    month,
  }),
  'the schedule fires twice, or late': fc.record({
    kind: fc.constantFrom<('the schedule fires again' | 'a month is late')[]>(
      'the schedule fires again',
      'a month is late',
    ),
    month,
    hours: fc.integer({ min: 0, max: 30 * 24 }),
  }),
  'a person rotates': fc.record({ kind: fc.constant('a manual rotation'), domain, at: hour }),
  'a person revokes': fc.record({ kind: fc.constant('a compromise'), domain, at: hour }),
};

function turnOf(number: number): number {
  return Date.UTC(2026, number, 1, 3);
}

/** A break of a customer's record: from when to when. */
interface Break {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

/** The observations of the simulated months. */
class Months {
  readonly testEnvironment = new TestEnvironment();
  readonly claims: Claim[] = [];
  readonly breaks: Break[] = [];
  readonly mails: SentMail[] = [];
  readonly failures: string[] = [];
  /** Keys by the time they were revoked at. */
  readonly revoked = new Map<KeyId, number>();
  /** When a person had a domain rotate: `domain at`. */
  readonly byHand = new Set<string>();
  /** When a key of a domain was last revoked, by its name. */
  readonly #revokedOf = new Map<string, number>();
  readonly #blind: Span[] = [];
  #mortals: { month: number; at: number; when: 'before' | 'after'; used: boolean }[] = [];

  async play(planted: readonly Fault[]): Promise<void> {
    const { testEnvironment } = this;
    for (let index = 0; index < DOMAINS; index += 1) {
      this.claims.push(await testEnvironment.givenVerified());
    }
    for (const fault of planted) this.#plant(fault);
    this.#embodyMortals();
    for (let number = 1; number <= MONTHS; number += 1) {
      const late = planted.find(
        (fault) => fault.kind === 'a month is late' && fault.month === number,
      );
      const hours = late?.kind === 'a month is late' ? Math.min(late.hours, 24) : 0;
      const due = new Date(turnOf(number)).toISOString();
      testEnvironment.at(turnOf(number) + hours * HOUR, () => testEnvironment.start(due));
    }
    for (let at = START + 5 * HOUR; at < START + HOURS * HOUR; at += DAY) {
      testEnvironment.at(at, () => testEnvironment.retry());
    }
    for (let at = 0; at < HOURS; at += CHECK_HOURS) {
      testEnvironment.at(START + at * HOUR, () => this.#sample());
    }
    await testEnvironment.until(START + HOURS * HOUR);
  }

  /** Every six hours: a mail of each domain, those of five days ago once more, and what a check would do. */
  async #sample(): Promise<void> {
    const { testEnvironment } = this;
    const now = testEnvironment.now.getTime();
    for (const claim of this.claims) {
      const mail = await testEnvironment.send(claim);
      const { shard, label, keys } = await testEnvironment.claim(claim);
      if (mail === undefined) {
        const isPaused = currentKey(keys) === undefined && this.#revokedOf.has(claim.domain);
        if (!isPaused) this.failures.push(`${claim.domain} cannot send, though no key is revoked`);
      } else {
        if (this.revoked.has(mail.keyId)) this.failures.push(`${mail.keyId} signs, though revoked`);
        this.mails.push(mail);
        await this.#judge(mail, now);
      }
      // The hourly check of a domain that sends, where it finds the key that signs missing.
      const key = currentKey(keys);
      const isBroken = key !== undefined && mail !== undefined && !testEnvironment.verifies(mail);
      if (isBroken || key === undefined) {
        await testEnvironment.rotationQueue.send([{ kind: 'mend', shard, label }]);
      }
    }
    for (const mail of this.mails) if (mail.at === now - 5 * DAY) await this.#judge(mail, now);
    await this.#requireListed();
  }

  /** A domain that a run could not rotate is listed, with its reason, once the run is through. */
  async #requireListed(): Promise<void> {
    const { testEnvironment } = this;
    const run = await testEnvironment.runs.latest();
    if (run?.finishedAt === undefined) return;
    for (const claim of this.claims) {
      const { rotated, domain: name, label } = await testEnvironment.claim(claim);
      if (rotated !== undefined && rotated.period >= run.period) continue;
      // A compromise has moved it to another key meanwhile, in its own time.
      if ((this.#revokedOf.get(name) ?? 0) >= Date.parse(run.startedAt)) continue;
      const item = testEnvironment.backlog.items.get(label);
      if (item?.period !== undefined && item.detail !== '') continue;
      const failure = `${name} is not rotated for ${run.period}, and not listed`;
      if (!this.failures.includes(failure)) this.failures.push(failure);
    }
  }

  /**
   * A mail must verify unless the customer broke its slot after its key was promoted. Then it was
   * sent before that could be noticed, or no other slot was intact.
   */
  async #judge(mail: SentMail, now: number): Promise<void> {
    if (this.testEnvironment.verifies(mail) || this.revoked.has(mail.keyId)) return;
    const name = slotName(mail, mail.selector);
    const broken = this.breaks.filter(
      (each) =>
        each.name === name &&
        each.from <= now &&
        now < each.to + 10 * 60_000 &&
        each.from >= mail.signingSince - SAMPLED_MS,
    );
    const claim = await this.testEnvironment.claim(
      this.claims.find(({ domain: of }) => of === mail.domain)!,
    );
    const [publication] = (
      await this.testEnvironment.publications.get(claim.shard, [claim.label])
    ).values();
    const insync = (key: RingKey) => insyncSinceOf(claim, key, publication);
    const excused = broken.some(
      ({ from }) =>
        mail.at <= from + NOTICED_MS + this.#blindness(from, mail.at) ||
        this.#hadNoOther(mail, claim.keys, insync, from),
    );
    if (!excused) {
      this.failures.push(
        `${name} ${mail.keyId} sent ${new Date(mail.at).toISOString()}, looked at ${new Date(now).toISOString()}`,
      );
    }
  }

  /** For how long between two times a resolver of ours lied or was out, so that no slot was known to be intact. */
  #blindness(from: number, to: number): number {
    return this.#blind.reduce((sum, { from: begin, hours }) => {
      const start = START + begin * HOUR;
      const overlaps = start <= to && start + hours * HOUR >= from;
      return overlaps ? sum + (hours + CHECK_HOURS) * HOUR : sum;
    }, 0);
  }

  /**
   * Returns true if, between the break and the mail, every other slot was broken too, or had a
   * young key. Young is also one that Route 53 refused for long, or never had INSYNC, since nothing
   * reconciles the zones here.
   */
  #hadNoOther(
    { domain, at, selector }: SentMail,
    keys: Claim['keys'],
    insyncSince: (key: RingKey) => string | undefined,
    from: number,
  ): boolean {
    return keys
      .filter((key) => key.selector !== selector)
      .every((key) => {
        const name = slotName({ domain }, key.selector);
        const isBroken = this.breaks.some(
          (each) => each.name === name && each.from <= at && each.to >= from,
        );
        const since = insyncSince(key);
        const isYoung = since === undefined || at - Date.parse(since) < 4 * DAY;
        return isBroken || isYoung || key.state === 'revoked';
      });
  }

  #plant(fault: Fault): void {
    const { testEnvironment } = this;
    const during = (span: Span, begin: () => void, end: () => void): void => {
      testEnvironment.at(START + span.from * HOUR, begin);
      testEnvironment.at(START + (span.from + span.hours) * HOUR, end);
    };
    const { paper } = testEnvironment;
    const zone = testEnvironment.zone.inner;
    switch (fault.kind) {
      case 'KMS throttles':
      case 'KMS is out': {
        const error = fault.kind === 'KMS is out' ? new Outage() : new Throttled('KMS');
        return during(
          fault.span,
          () => void (paper.out = error),
          () => void (paper.out = undefined),
        );
      }
      case 'Route 53 throttles':
      case 'Route 53 is out': {
        const error =
          fault.kind === 'Route 53 is out' ? new ZoneUnavailable('a change') : throttled();
        const fail = { shift: () => error } as unknown as Error[];
        const before = zone.failing;
        return during(
          fault.span,
          () => void Object.assign(zone, { failing: fail }),
          () => void Object.assign(zone, { failing: before }),
        );
      }
      case 'Route 53 refuses':
        return during(
          fault.span,
          () => void (zone.refuse = () => 'planted'),
          () => void (zone.refuse = () => undefined),
        );
      case 'never INSYNC':
        return during(
          fault.span,
          () => void (testEnvironment.zone.stuck = true),
          () => testEnvironment.zone.release(),
        );
      case 'a resolver lies':
        this.#blind.push(fault.span);
        return during(
          fault.span,
          () => void testEnvironment.dns.lies.set(fault.resolver, () => 'v=DKIM1; k=rsa; p=bGll'),
          () => void testEnvironment.dns.lies.delete(fault.resolver),
        );
      case 'a resolver is out':
        this.#blind.push(fault.span);
        return during(
          fault.span,
          () => void testEnvironment.dns.down.add(fault.resolver),
          () => void testEnvironment.dns.down.delete(fault.resolver),
        );
      case 'a CNAME is gone':
      case 'a CNAME points at another label':
      case 'a stale key is copied':
        return this.#plantBreak(fault);
      case 'the worker dies':
        this.#mortals.push({ ...fault, used: false });
        return;
      case 'the schedule fires again':
        return testEnvironment.at(turnOf(fault.month) + fault.hours * HOUR, () =>
          testEnvironment.start(new Date(turnOf(fault.month)).toISOString()),
        );
      case 'a month is late':
        return;
      case 'a manual rotation':
        return testEnvironment.at(START + fault.at * HOUR, () =>
          this.#rotate(this.claims[fault.domain]!),
        );
      case 'a compromise':
        return testEnvironment.at(START + fault.at * HOUR, () =>
          this.#revoke(this.claims[fault.domain]!),
        );
    }
  }

  #plantBreak(fault: Fault & { domain: number; slot: number; span: Span }): void {
    const { testEnvironment } = this;
    const from = START + fault.span.from * HOUR;
    const to = from + fault.span.hours * HOUR;
    const { selector } = this.claims[fault.domain]!.keys[fault.slot]!;
    const claim = this.claims[fault.domain]!;
    const entry =
      fault.kind === 'a CNAME is gone'
        ? undefined
        : fault.kind === 'a stale key is copied'
          ? { txt: 'v=DKIM1; k=rsa; p=c3RhbGU=' }
          : { cname: `${selector}._domainkey.${'a'.repeat(26)}.s1.sd.example.net` };
    const name = slotName(claim, selector);
    this.breaks.push({ name, from, to });
    testEnvironment.at(from, () => testEnvironment.breakSlot(claim, selector, entry));
    testEnvironment.at(to, () => {
      const others = this.breaks.some(
        (each) => each.name === name && each.from <= to && each.to > to,
      );
      if (!others) testEnvironment.restore(claim, selector);
    });
  }

  #embodyMortals(): void {
    this.testEnvironment.embody = (ports) => {
      const now = this.testEnvironment.now.getTime();
      const next = this.#mortals.find(
        ({ month, used }) => !used && now >= turnOf(month) && now < turnOf(month) + DAY,
      );
      if (next === undefined) return ports;
      next.used = true;
      return new Mortal(ports, next.at, next.when).ports;
    };
  }

  async #rotate(claim: Claim): Promise<void> {
    const { testEnvironment } = this;
    const period = testEnvironment.now.toISOString().slice(0, 7);
    const until = testEnvironment.now.getTime() + 15_000;
    try {
      const { outcome, claim: now } = await rotateClaim(
        claim,
        { period },
        until,
        testEnvironment.workerPorts,
      );
      if (outcome.kind === 'rotated') this.byHand.add(`${claim.domain} ${now?.rotated?.at}`);
    } catch (error) {
      if (!(error instanceof Throttled || error instanceof Outage)) throw error;
    }
  }

  async #revoke(claim: Claim): Promise<void> {
    const key = currentKey((await this.testEnvironment.claim(claim)).keys);
    if (key === undefined) return;
    this.revoked.set(key.id, this.testEnvironment.now.getTime());
    this.#revokedOf.set(claim.domain, this.testEnvironment.now.getTime());
    await revokeSigningKey(claim, key.id, this.testEnvironment.workerPorts);
  }
}

/** The invariants of every history of a domain. */
async function expectPromises(months: Months): Promise<void> {
  const { testEnvironment } = months;
  expect(months.failures).toEqual([]);
  expect(testEnvironment.dead).toEqual([]);
  for (const claim of months.claims) {
    const now = await testEnvironment.claim(claim);
    const past = await testEnvironment.pastKeys(claim);
    for (const key of past) {
      if (key.state === 'revoked' || key.lastSignedAt === undefined) continue;
      const kept = Date.parse(key.destroyedAt) - Date.parse(key.lastSignedAt);
      expect(kept).toBeGreaterThanOrEqual(PREVIOUS_KEPT_DAYS * DAY);
    }
    const all = [...past, ...now.keys];
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    const promotions = rotationsOf(testEnvironment, now, months.byHand);
    expect(new Set(promotions.map(({ period }) => period)).size).toBe(promotions.length);
  }
}

/** The periods that a domain rotated for, by each write of its claim that noted one, but for those by hand. */
function rotationsOf(
  testEnvironment: TestEnvironment,
  { label, domain: name }: Claim,
  byHand: ReadonlySet<string>,
) {
  const seen = new Map<string, string>();
  const rotations: { period: string; at: string }[] = [];
  for (const claim of testEnvironment.claims.written) {
    if (claim.label !== label || claim.rotated === undefined) continue;
    const { period, at } = claim.rotated;
    if (byHand.has(`${name} ${at}`) || seen.has(at)) continue;
    seen.set(at, period);
    rotations.push({ period, at });
  }
  return rotations;
}

/** More of them find rarer mixes. A failure prints the seed that reproduces it. */
const runs = isLong ? 200 : 4;
const TIMEOUT_MS = 1_000 * Math.max(120, runs * 20);

async function played(planted: readonly Fault[]): Promise<Months> {
  const months = new Months();
  await months.play(planted);
  return months;
}

const holds = (planted: fc.Arbitrary<Fault[]>, numRuns: number): Promise<void> =>
  fc.assert(
    fc.asyncProperty(planted, async (some) => expectPromises(await played(some))),
    { numRuns },
  );

describe('no mail fails that would have verified without the rotation', () => {
  test('with no fault at all, and every domain rotates every month', async () => {
    const months = await played([]);
    await expectPromises(months);
    for (const claim of months.claims) {
      expect(
        rotationsOf(months.testEnvironment, claim, months.byHand).map(({ period }) => period),
      ).toEqual(['2026-02', '2026-03', '2026-04', '2026-05']);
    }
    expect(months.mails.length).toBeGreaterThan(1_500);
  });

  test.each(Object.entries(faults))(
    '%s',
    async (_name, fault) => {
      await expect(
        holds(fc.array(fault, { minLength: 1, maxLength: 4 }), runs),
      ).resolves.toBeUndefined();
    },
    TIMEOUT_MS,
  );

  test('a compromise that pauses signing over the turn of a month, found by this suite', async () => {
    const pause: Fault[] = [
      { kind: 'a CNAME is gone', domain: 1, slot: 0, span: { from: 744, hours: 4 } },
      { kind: 'a compromise', domain: 1, at: 746 },
      { kind: 'a compromise', domain: 1, at: 746 },
      { kind: 'the worker dies', at: 1, when: 'before', month: 1 },
    ];
    await expect(played(pause).then(expectPromises)).resolves.toBeUndefined();
  });

  test(
    'all of them, mixed',
    async () => {
      const any = fc.oneof(...Object.values(faults));
      await expect(
        holds(fc.array(any, { minLength: 2, maxLength: 10 }), runs * 3),
      ).resolves.toBeUndefined();
    },
    TIMEOUT_MS,
  );
});
