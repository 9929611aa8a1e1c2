import { beforeEach, describe, expect, test } from 'vitest';
import { resumeTenant, suspendTenant } from '../../../../cli/tenant-state.ts';
import { checkOutbox } from '../../../../lambdas/outbox/check-outbox.ts';
import { submitMail, type SubmitPorts } from '#shared/app/sending/submit.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { messageStatus } from '#shared/core/model/message.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { MessageId } from '#shared/core/model/names.ts';
import { DAY_MS, MINUTE_MS } from '#shared/core/time.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { MemoryMailCounts } from '../../../fakes/mail-counts.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { mailFrom, TestEnvironment } from '../signer/test-environment.ts';

/** A minute of the outbox is checked once it is over. */
const FIRST_CHECK = 3 * MINUTE_MS;

/** Submission, outbox and signer on the same stores. */
class Service extends TestEnvironment {
  /** True: SQS takes nothing. */
  queueOut = false;
  #draws = 0;

  readonly #queue = {
    send: async (...args: Parameters<TestEnvironment['outbound']['send']>) => {
      if (this.queueOut) throw new Error('SQS is out');
      return this.outbound.send(...args);
    },
  };

  submit(claim: Claim, isUploaded = false): Promise<{ id: MessageId }> {
    const clock = { now: () => this.now };
    const ports: SubmitPorts = {
      claims: this.claims,
      budgets: givenBudgets(clock).budgets,
      messages: this.messages,
      mails: this.mails,
      suppressions: new MemorySuppressionStore(),
      mailCounts: new MemoryMailCounts(),
      outbox: this.outbox,
      outbound: this.#queue,
      clock,
      retryTime: { clock, sleep: async () => {}, random: () => 0 },
      isOutage,
      random: { bytes: (size) => new Uint8Array(size).fill((this.#draws += 1)) },
      log: { info: () => {}, warn: () => {} },
      unsignedAllowed: new Set(),
      maxOctets: 1_000_000,
    };
    const { tenant } = claim;
    const raw = mailFrom(claim.domain);
    return submitMail(ports, {
      tenant,
      channel: 'api',
      raw,
      recipients: [],
      strict: false,
      isUploaded,
    });
  }

  /** Submits a mail that no message of the queue carries. */
  store(claim: Claim): Promise<{ id: MessageId }> {
    return this.submit(claim, true);
  }

  check(deadline = Infinity) {
    const clock = { now: () => this.now };
    const { outbox, messages, tenants } = this;
    return checkOutbox({ outbox, messages, tenants, outbound: this.#queue, clock }, deadline);
  }

  /** Makes one message malformed. @returns what repairs it */
  spoil(id: MessageId): () => void {
    const { messages } = this;
    const get = messages.get.bind(messages);
    messages.get = malformed(get, (_, asked) => asked === id);
    return () => {
      messages.get = get;
    };
  }

  /** The ports of the operator's commands. */
  operator() {
    const { tenants, heldMessages, outbound } = this;
    return { tenants, heldMessages, outbound, clock: { now: () => this.now } };
  }

  /** Has the signer work off what is queued now. */
  async sign(): Promise<void> {
    const works = this.outbound.take().map(({ request }) => request);
    const { failed } = await this.send(works);
    if (failed.length > 0) throw new Error(`${failed.length} messages were handed back`);
  }

  async status({ tenant }: Claim, id: MessageId): Promise<string> {
    const { message, recipientBatches } = (await this.messages.get(tenant, id))!;
    return messageStatus(message, recipientBatches);
  }
}

let service: Service;
let claim: Claim;
beforeEach(async () => {
  service = new Service();
  claim = await service.givenHeld('example.com');
  const { tenant } = claim;
  const createdAt = service.now.toISOString();
  await service.tenants.create(
    { id: tenant, name: 'Acme', createdAt },
    { hash: 'h', tenant, prefix: 'sd_', scopes: ['messages'], createdAt },
  );
  await service.check();
});

const passMs = (milliseconds: number) => service.pass(milliseconds / 1_000);

describe('each accepted mail reaches a final state', () => {
  test('SQS is out at its submission: it is queued once SQS is back', async () => {
    service.queueOut = true;
    const { id } = await service.submit(claim);
    passMs(FIRST_CHECK);
    await expect(service.check()).rejects.toThrow('SQS is out');
    service.queueOut = false;
    passMs(MINUTE_MS);
    expect(await service.check()).toMatchObject({ queued: 1 });
    await service.sign();
    expect(await service.status(claim, id)).toBe('sent');
  });

  test('one that was sent at once is not entered; one that was sent later is forgotten', async () => {
    await service.submit(claim);
    await service.sign();
    passMs(FIRST_CHECK);
    expect(await service.check()).toMatchObject({ checked: 0, queued: 0 });
    await service.store(claim);
    await service.sign();
    passMs(FIRST_CHECK);
    expect(await service.check()).toMatchObject({ checked: 1, queued: 0 });
    passMs(2 * DAY_MS);
    expect(await service.check()).toMatchObject({ checked: 0, queued: 0 });
  });

  test('the item of another one is malformed, which holds it up no longer than itself', async () => {
    const spoilt = await service.store(claim);
    const { id } = await service.store(claim);
    service.outbound.take();
    const repair = service.spoil(spoilt.id);
    passMs(FIRST_CHECK);
    expect(await service.check()).toEqual({ checked: 2, queued: 1, isBehind: false });
    await service.sign();
    expect(await service.status(claim, id)).toBe('sent');
    repair();
    passMs(DAY_MS + MINUTE_MS);
    expect(await service.check()).toMatchObject({ queued: 1 });
    await service.sign();
    expect(await service.status(claim, spoilt.id)).toBe('sent');
  });

  test('its message is lost after a signer saw it: it is queued after a day', async () => {
    service.confirmation = { kind: 'absent' };
    const { id } = await service.submit(claim);
    await service.sign();
    service.outbound.take();
    service.confirmation = { kind: 'confirmed' };
    passMs(FIRST_CHECK);
    expect(await service.check()).toMatchObject({ checked: 0, queued: 0 });
    passMs(DAY_MS);
    expect(await service.check()).toMatchObject({ queued: 1 });
    await service.sign();
    expect(await service.status(claim, id)).toBe('sent');
  });

  test('nothing sends it for 30 days, its messages being lost: it is refused, with an event', async () => {
    const { id } = await service.store(claim);
    for (let day = 0; day < 31; day += 1) {
      service.outbound.take();
      passMs(DAY_MS);
      await service.check();
    }
    await service.sign();
    expect(await service.status(claim, id)).toBe('refused');
    expect(service.bus.events.map(({ type }) => type)).toContain('message.refused');
  });

  test('a suspension of 20 days holds it, unqueued; the end of it has it sent', async () => {
    const { id } = await service.submit(claim);
    await suspendTenant('Acme', 'spam', service.operator());
    await service.sign();
    for (let day = 0; day < 20; day += 1) {
      passMs(DAY_MS);
      expect(await service.check()).toMatchObject({ queued: 0 });
    }
    expect(await service.status(claim, id)).toBe('held');
    expect(await resumeTenant('Acme', {}, service.operator())).toMatchObject({ released: 1 });
    await service.sign();
    expect(await service.status(claim, id)).toBe('sent');
  });

  test('the end of a suspension is interrupted before it was queued: it is queued within a day', async () => {
    await suspendTenant('Acme', 'spam', service.operator());
    const { id } = await service.submit(claim);
    await service.sign();
    expect(await service.status(claim, id)).toBe('held');
    const heldMessages = {
      list: () => Promise.reject(new Error('the time of the call is over')),
      forget: () => Promise.resolve(),
    };
    await expect(resumeTenant('Acme', {}, { ...service.operator(), heldMessages })).rejects.toThrow(
      'is over',
    );
    passMs(DAY_MS + FIRST_CHECK);
    expect(await service.check()).toMatchObject({ queued: 1 });
    await service.sign();
    expect(await service.status(claim, id)).toBe('sent');
  });

  test('a suspension of 40 days ends for it in a refusal, with an event', async () => {
    const { id } = await service.submit(claim);
    await suspendTenant('Acme', 'spam', service.operator());
    await service.sign();
    for (let day = 0; day < 40; day += 1) {
      passMs(DAY_MS);
      await service.check();
    }
    expect(await service.status(claim, id)).toBe('held');
    await resumeTenant('Acme', {}, service.operator());
    await service.sign();
    expect(await service.status(claim, id)).toBe('refused');
    expect(service.bus.events.map(({ type }) => type)).toContain('message.refused');
  });

  test('an entry of a mail that was never stored is dropped', async () => {
    const { tenant } = claim;
    await service.outbox.enter({ tenant, id: 'm_a' as MessageId }, service.now);
    passMs(FIRST_CHECK);
    expect(await service.check()).toMatchObject({ checked: 1, queued: 0 });
    passMs(2 * DAY_MS);
    expect(await service.check()).toMatchObject({ checked: 0 });
  });
});

test('the outbox goes on where it ended, and says so where it is far behind', async () => {
  await service.store(claim);
  service.outbound.take();
  passMs(DAY_MS);
  expect(await service.check(service.now.getTime())).toEqual({
    checked: 0,
    queued: 0,
    isBehind: true,
  });
  expect(await service.check()).toMatchObject({ checked: 1, queued: 1, isBehind: false });
});

test('what was missed for a week is made up for in a call for each hour', async () => {
  const { id } = await service.store(claim);
  service.outbound.take();
  let reads = 0;
  const entries = service.outbox.entries.bind(service.outbox);
  service.outbox.entries = (minutes, cursor) => {
    reads += 1;
    return entries(minutes, cursor);
  };
  passMs(7 * DAY_MS);
  expect(await service.check()).toEqual({ checked: 1, queued: 1, isBehind: false });
  expect(reads).toBeLessThanOrEqual(7 * 24 + 1);
  await service.sign();
  expect(await service.status(claim, id)).toBe('sent');
  // Entries expire after 14 days: nothing before that is read.
  reads = 0;
  passMs(240 * DAY_MS);
  await service.check();
  expect(reads).toBeLessThanOrEqual(14 * 24 + 1);
});
