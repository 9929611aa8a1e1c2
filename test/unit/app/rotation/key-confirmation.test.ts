import type { TimedHold } from '#shared/core/model/message.ts';
import { describe, expect, test } from 'vitest';
import { newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import { messageStatus } from '#shared/core/model/message.ts';
import { messageIdOf, type MessageId, type Selector } from '#shared/core/model/names.ts';
import { keyConfirmation } from '../../../../lambdas/signer/key-confirmation.ts';
import type { OutboundWork } from '../../../../lambdas/signer/ports.ts';
import { sendBatch } from '../../../../lambdas/signer/send-batch.ts';
import { settings } from '../../lambdas/signer/test-environment.ts';
import { SendingTestEnvironment } from './sending-test-environment.ts';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The test environment with a signer that confirms keys, and a mail a second. */
class ConfirmingEnvironment extends SendingTestEnvironment {
  readonly ids: MessageId[] = [];
  /** Epoch milliseconds of mails that did not verify when they were sent. */
  readonly unverified: number[] = [];
  verified = 0;
  queries = 0;
  #due: { work: OutboundWork; at: number }[] = [];

  constructor() {
    super();
    const { clock } = this.time;
    this.confirmation = keyConfirmation({
      resolver: {
        authoritative: (name, type) => {
          this.queries += 1;
          return this.dns.authoritative(name, type);
        },
      },
      verdicts: this.checks,
      rotationQueue: this.rotationQueue,
      clock,
      log: this.signer.log,
    });
  }

  /** The mail that was submitted last. */
  get last(): MessageId {
    const id = this.ids.at(-1);
    if (id === undefined) throw new Error('no mail was submitted');
    return id;
  }

  async givenChecked(name: string): Promise<Claim> {
    const claim = await this.givenDomain(name);
    const { label, tenant, domain } = claim;
    await this.checks.schedule({ label, tenant, domain, dueAt: this.now.toISOString() });
    return claim;
  }

  async submit({ tenant, domain }: Claim): Promise<MessageId> {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, this.ids.length + 1);
    const id = messageIdOf(bytes);
    this.ids.push(id);
    const raw = Buffer.from(
      `From: Ann <ann@${domain}>\r\nTo: r0@example.net\r\nSubject: Hi\r\n\r\nHello.\r\n`,
    );
    const createdAt = this.now.toISOString();
    const message = { tenant, id, domain, createdAt, size: raw.length, fingerprint: String(id) };
    await this.mails.put(message, raw);
    await this.signer.messages.create(message, newRecipientBatches(['r0@example.net']));
    this.#due.push({ work: { tenant, id }, at: this.now.getTime() });
    return id;
  }

  /** Lets seconds pass, with a mail in each if `mails`. */
  async seconds(claim: Claim, count: number, { mails = true, step = 1 } = {}): Promise<void> {
    for (let second = 0; second < count; second += step) {
      await this.advance(step * SECOND);
      if (mails) await this.submit(claim);
      await this.#send(claim);
    }
  }

  async #send(claim: Claim): Promise<void> {
    const now = this.now.getTime();
    const due = this.#due.filter(({ at }) => at <= now);
    this.#due = this.#due.filter(({ at }) => at > now);
    for (const { work } of due) {
      const deadline = new Date(now + 30 * SECOND);
      const { failed } = await sendBatch(this.signer, settings, [work], deadline);
      if (failed.length > 0) throw new Error(`mail ${work.id} was handed back`);
      for (const { request, delaySeconds } of this.outbound.take()) {
        this.#due.push({ work: request, at: now + delaySeconds * SECOND });
      }
    }
    for (const { raw } of this.mailer.accepted.splice(0)) await this.#judge(claim, raw);
  }

  /** A receiver queries the key under the customer's name. */
  async #judge(claim: Claim, raw: Buffer): Promise<void> {
    const selector = / s=(\w+);/.exec(raw.toString('latin1'))?.[1] as Selector;
    const { keys } = await this.claim(claim);
    const key = keys.find((each) => each.selector === selector);
    const { values } = this.dns.honest(`${selector}._domainkey.${claim.domain}`);
    if (values.length === 1 && values[0]!.includes(`p=${key?.publicKey}`)) this.verified += 1;
    else this.unverified.push(this.now.getTime());
  }

  async statuses(claim: Claim): Promise<Record<string, number>> {
    const counts: Record<string, number> = {};
    for (const id of this.ids) {
      const { message, recipientBatches } = (await this.signer.messages.get(claim.tenant, id))!;
      const status = messageStatus(message, recipientBatches);
      counts[status] = (counts[status] ?? 0) + 1;
    }
    return counts;
  }

  async selector(claim: Claim): Promise<Selector | undefined> {
    return currentKey((await this.claim(claim)).keys)?.selector;
  }
}

const faults = {
  removed: () => undefined,
  looped: (claim: Claim, selector: Selector) => ({
    cname: `${selector}._domainkey.${claim.domain}`,
  }),
  'pointed to a stranger': () => ({ cname: 'key._domainkey.stranger.example' }),
  'served with another key': () => ({ txt: 'v=DKIM1; k=rsa; p=AAAA' }),
} as const;

const ages = { '10 minutes': 0, '2 hours': 2 * HOUR, '10 days': 10 * DAY, '8 months': 240 * DAY };

async function given(age = 0) {
  const environment = new ConfirmingEnvironment();
  const claim = await environment.givenChecked('shop.example');
  for (let month = 1; month <= 12; month += 1) {
    const at = new Date(Date.UTC(2026, month - 1, 1, 3)).toISOString();
    if (Date.parse(at) > environment.now.getTime()) environment.schedule(at);
  }
  if (age > 0) await environment.advance(age);
  const selector = (await environment.selector(claim))!;
  return { environment, claim, selector };
}

describe.each(Object.entries(ages))('at the age of %s', (_age, age) => {
  test.each(Object.entries(faults))(
    'the record of the signing key is %s: signing moves, and no mail is lost',
    async (_what, fault) => {
      const { environment, claim, selector } = await given(age);
      await environment.seconds(claim, 3);
      expect(environment.unverified).toEqual([]);
      environment.breakSlot(claim, selector, fault(claim, selector));
      const broken = environment.now.getTime();
      await environment.seconds(claim, 100);
      // 60 s of the last verdict; from the first absence on, mail waits.
      expect(Math.max(broken, ...environment.unverified) - broken).toBeLessThanOrEqual(90 * SECOND);
      expect(environment.unverified.length).toBeLessThanOrEqual(61);
      expect(await environment.selector(claim)).not.toBe(selector);
      expect(Date.parse(environment.checks.items.get(claim.label)!.dueAt)).toBeGreaterThan(broken);
      await environment.seconds(claim, 60, { mails: false });
      expect(await environment.statuses(claim)).toEqual({ sent: environment.ids.length });
      environment.restore(claim, selector);
      await environment.seconds(claim, 5);
      expect(environment.unverified.length + environment.verified).toBe(environment.ids.length);
    },
  );
});

async function givenNone() {
  const { environment, claim } = await given();
  await environment.seconds(claim, 3);
  for (const { selector } of claim.keys) environment.breakSlot(claim, selector);
  await environment.seconds(claim, 120);
  const unverified = environment.unverified.length;
  expect(unverified).toBeLessThanOrEqual(61);
  return { environment, claim, unverified };
}

describe('all three records removed', () => {
  test('and restored after 10 minutes: the mail waits, then goes out and verifies', async () => {
    const { environment, claim, unverified } = await givenNone();
    expect(environment.events).toContainEqual(
      expect.objectContaining({ kind: 'unpublished', selector: 'zero' }),
    );
    await environment.seconds(claim, 600, { step: 5 });
    const held = await environment.signer.messages.get(claim.tenant, environment.last);
    const hold = held!.message.held as TimedHold;
    expect(Date.parse(hold.until)).toBeGreaterThan(environment.now.getTime());
    expect((await environment.statuses(claim))['accepted']).toBeGreaterThan(100);
    for (const { selector } of claim.keys) environment.restore(claim, selector);
    await environment.seconds(claim, 120, { mails: false });
    expect(await environment.statuses(claim)).toEqual({ sent: environment.ids.length });
    expect(environment.unverified.length).toBe(unverified);
  });

  test('and restored after 5 hours: mail that waited 4 hours is refused with the reason', async () => {
    const { environment, claim, unverified } = await givenNone();
    await environment.seconds(claim, 5 * 3_600, { mails: false, step: 30 });
    const counts = await environment.statuses(claim);
    expect(counts['refused']).toBeGreaterThan(30);
    expect(counts['accepted']).toBeUndefined();
    const { recipientBatches } = (await environment.signer.messages.get(
      claim.tenant,
      environment.last,
    ))!;
    expect(recipientBatches[0]?.reason).toMatch(/^key-not-published: .*Restore the DKIM records/);
    for (const { selector } of claim.keys) environment.restore(claim, selector);
    await environment.seconds(claim, 60);
    expect((await environment.statuses(claim))['sent']).toBe((counts['sent'] ?? 0) + 60);
    expect(environment.unverified.length).toBe(unverified);
  });
});

describe('nothing moves', () => {
  test('where one of several servers is behind', async () => {
    const { environment, claim, selector } = await given();
    const name = `${selector}._domainkey.${claim.domain}`;
    environment.dns.behind.set(name, [undefined]);
    await environment.seconds(claim, 180);
    expect(await environment.selector(claim)).toBe(selector);
    expect(await environment.statuses(claim)).toEqual({ sent: 180 });
  });

  test('where DNS is silent for 6 days', async () => {
    const { environment, claim, selector } = await given();
    environment.dns.silent.add(claim.domain);
    await environment.seconds(claim, 6 * 86_400, { step: 1_800 });
    expect(await environment.selector(claim)).toBe(selector);
    expect(await environment.statuses(claim)).toEqual({ sent: environment.ids.length });
  });

  test('where the servers fail at every name', async () => {
    const { environment, claim, selector } = await given();
    for (const each of claim.keys) {
      environment.dns.failing.add(`${each.selector}._domainkey.${claim.domain}`);
    }
    await environment.seconds(claim, 180);
    expect(await environment.selector(claim)).toBe(selector);
    expect(await environment.statuses(claim)).toEqual({ sent: 180 });
  });
});

test('mail that waits for its key goes on waiting while DNS is silent for ten minutes', async () => {
  const { environment, claim, unverified } = await givenNone();
  environment.dns.silent.add(claim.domain);
  await environment.seconds(claim, 600, { step: 5 });
  expect(environment.unverified.length).toBe(unverified);
  environment.dns.silent.delete(claim.domain);
  for (const { selector } of claim.keys) environment.restore(claim, selector);
  await environment.seconds(claim, 120, { mails: false });
  expect(await environment.statuses(claim)).toEqual({ sent: environment.ids.length });
});

test('DNS that is silent for eight seconds puts the verdict off by no more than a few', async () => {
  const { environment, claim, selector } = await given();
  await environment.seconds(claim, 3);
  environment.breakSlot(claim, selector);
  const broken = environment.now.getTime();
  await environment.seconds(claim, 55);
  environment.dns.silent.add(claim.domain);
  await environment.seconds(claim, 8);
  environment.dns.silent.delete(claim.domain);
  await environment.seconds(claim, 60);
  expect(Math.max(...environment.unverified) - broken).toBeLessThanOrEqual(90 * SECOND);
  expect(await environment.selector(claim)).not.toBe(selector);
});

test('servers that fail at one name and answer for its neighbours have answered', async () => {
  const { environment, claim, selector } = await given();
  environment.dns.failing.add(`${selector}._domainkey.${claim.domain}`);
  await environment.seconds(claim, 180);
  expect(await environment.selector(claim)).not.toBe(selector);
});

test('a confirmed key costs at most two queries a minute', async () => {
  const { environment, claim } = await given();
  await environment.seconds(claim, 300);
  expect(environment.queries).toBeLessThanOrEqual(2 * 6);
  expect(environment.verified).toBe(300);
});
