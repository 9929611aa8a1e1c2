import * as fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { messageStatus } from '#shared/core/model/message.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { closeTenant, resumeTenant, suspendTenant } from '../../../../cli/tenant-state.ts';
import { messageDocumentOf } from '../../../../lambdas/messages/document.ts';
import type { OutboundWork, SignerPorts } from '../../../../lambdas/signer/ports.ts';
import { isLong } from '../../../support/long.ts';
import { TestEnvironment } from './test-environment.ts';

const DAY_SECONDS = 24 * 60 * 60;

const fail = () => Promise.reject(new Error('interrupted'));

let environment: TestEnvironment;
let claim: Claim;

async function givenService(): Promise<void> {
  environment = new TestEnvironment();
  claim = await environment.givenHeld('example.com');
  const { tenant: id } = claim;
  await environment.tenants.create(
    { id, name: 'Acme', createdAt: environment.now.toISOString() },
    {
      hash: 'h',
      tenant: id,
      prefix: 'sd_',
      scopes: ['messages'],
      createdAt: environment.now.toISOString(),
    },
  );
}
beforeEach(givenService);

const operator = () => ({
  tenants: environment.tenants,
  heldMessages: environment.heldMessages,
  outbound: environment.outbound,
  clock: { now: () => environment.now },
});
const suspend = () => suspendTenant('Acme', 'spam', operator());

async function statusOf({ tenant, id }: OutboundWork): Promise<string> {
  const { message, recipientBatches } = (await environment.messages.get(tenant, id))!;
  return messageStatus(message, recipientBatches);
}

/** Delivers what is queued, each twice since SQS may, until nothing is left. */
async function deliverAll(): Promise<void> {
  for (let rounds = 0; rounds < 100; rounds += 1) {
    const works = environment.outbound.take();
    if (works.length === 0) return;
    environment.pass(Math.max(...works.map(({ delaySeconds }) => delaySeconds)));
    const requests = works.map(({ request }) => request);
    expect((await environment.send([...requests, ...requests])).failed).toEqual([]);
    expect((await environment.send(requests)).failed).toEqual([]);
  }
  throw new Error('it never ends');
}

/** The addresses that mails went out to, in order. */
const sentTo = () => environment.mailer.accepted.map(({ envelope }) => envelope.tags.message);

describe('mail of a suspended tenant', () => {
  test('is held in the table, out of the queue, and says so', async () => {
    const work = await environment.givenAccepted(claim, { recipients: 60 });
    await suspend();
    environment.pass(1);
    expect((await environment.send([work])).failed).toEqual([]);

    expect(environment.outbound.take()).toEqual([]);
    expect(environment.mailer.accepted).toEqual([]);
    const stored = (await environment.messages.get(work.tenant, work.id))!;
    expect(messageDocumentOf(stored)).toMatchObject({
      status: 'held',
      held: { code: 'account-suspended', since: environment.now.toISOString() },
      reasons: [expect.stringContaining('account-suspended')],
    });
    const events = environment.bus.events.filter(({ type }) => type === 'message.held');
    expect(events).toHaveLength(60);
    // Delivered again, it stays so, and its events keep their ids.
    await environment.send([work]);
    expect(await statusOf(work)).toBe('held');
    expect(new Set(environment.bus.events.map(({ id }) => id)).size).toBe(60);
  });

  test('of another tenant goes out meanwhile', async () => {
    const other = await environment.givenHeld('other.example');
    const works = [await environment.givenAccepted(claim), await environment.givenAccepted(other)];
    await suspend();
    environment.pass(1);
    await environment.send(works);
    expect(sentTo()).toEqual([works[1]!.id]);
  });

  test('is sent once each when it ends, oldest first, after 20 days too', async () => {
    const works: OutboundWork[] = [];
    await suspend();
    for (let index = 0; index < 5; index += 1) {
      environment.pass(60);
      works.push(await environment.givenAccepted(claim, { recipients: 60 }));
    }
    await environment.send(works);
    environment.pass(20 * DAY_SECONDS);

    const { released } = await resumeTenant('Acme', {}, operator());

    expect(released).toBe(5);
    expect(environment.outbound.sent.map(({ request }) => request.id)).toEqual(
      works.map(({ id }) => id),
    );
    await deliverAll();
    for (const work of works) expect(await statusOf(work)).toBe('sent');
    // Two SES calls for each, of 50 and 10 recipients.
    expect(sentTo().toSorted()).toEqual(works.flatMap(({ id }) => [id, id]).toSorted());
    expect(environment.heldMessages.items.size).toBe(0);
    const { message } = (await environment.messages.get(claim.tenant, works[0]!.id))!;
    expect(message.held).toBeUndefined();
  });

  test('that is older than the 30 days that its content is kept is refused then', async () => {
    await suspend();
    const work = await environment.givenAccepted(claim);
    await environment.send([work]);
    environment.pass(31 * DAY_SECONDS);
    await resumeTenant('Acme', {}, operator());
    await deliverAll();
    expect(await statusOf(work)).toBe('refused');
    expect(sentTo()).toEqual([]);
  });

  test('is refused with the reason on the operator’s word, later mail is sent', async () => {
    await suspend();
    const work = await environment.givenAccepted(claim);
    await environment.send([work]);
    environment.pass(DAY_SECONDS);
    await resumeTenant('Acme', { refuseHeld: true }, operator());
    const later = await environment.givenAccepted(claim);
    await environment.outbound.send([later]);
    await deliverAll();

    expect(await statusOf(work)).toBe('refused');
    const { recipientBatches } = (await environment.messages.get(work.tenant, work.id))!;
    expect(recipientBatches[0]!.reason).toMatch(/^account-suspended: /);
    expect(sentTo()).toEqual([later.id]);
    expect(environment.bus.events.map(({ type }) => type)).toContain('message.refused');
  });

  test('is refused where the tenant is closed, held before or not', async () => {
    await suspend();
    const held = await environment.givenAccepted(claim);
    await environment.send([held]);
    const queued = await environment.givenAccepted(claim);
    await environment.outbound.send([queued]);
    await closeTenant('Acme', 'gone', operator());
    environment.pass(1);
    await deliverAll();
    expect(await Promise.all([held, queued].map(statusOf))).toEqual(['refused', 'refused']);
    // Resumed, it sends again, but nothing of before.
    await resumeTenant('Acme', {}, operator());
    environment.pass(1);
    const later = await environment.givenAccepted(claim);
    await environment.outbound.send([later]);
    await deliverAll();
    expect(sentTo()).toEqual([later.id]);
  });

  test('is held again where it is suspended again before the signer comes to it', async () => {
    await suspend();
    const works = [await environment.givenAccepted(claim), await environment.givenAccepted(claim)];
    await environment.send(works);
    environment.pass(60);
    await resumeTenant('Acme', {}, operator());
    environment.pass(60);
    await suspend();
    environment.pass(1);
    await deliverAll();
    expect(sentTo()).toEqual([]);
    expect(environment.heldMessages.items.size).toBe(2);
    await resumeTenant('Acme', {}, operator());
    environment.pass(1);
    await deliverAll();
    expect(sentTo().toSorted()).toEqual(works.map(({ id }) => id).toSorted());
  });

  test('whose resumption is interrupted at any page is sent once each when it is repeated', async () => {
    await suspend();
    const works: OutboundWork[] = [];
    for (let index = 0; index < 6; index += 1) works.push(await environment.givenAccepted(claim));
    await environment.send(works);
    environment.pass(60);
    for (const interrupted of ['send', 'forget', 'send', 'forget'] as const) {
      const { outbound, heldMessages, ...ports } = operator();
      const failing = {
        ...ports,
        outbound: interrupted === 'send' ? { send: fail } : outbound,
        heldMessages: {
          list: heldMessages.list.bind(heldMessages),
          forget: interrupted === 'forget' ? fail : heldMessages.forget.bind(heldMessages),
        },
      };
      await expect(resumeTenant('Acme', {}, failing)).rejects.toThrow('interrupted');
    }
    await resumeTenant('Acme', {}, operator());
    await deliverAll();
    expect(sentTo().toSorted()).toEqual(works.map(({ id }) => id).toSorted());
    expect(environment.heldMessages.items.size).toBe(0);
  });

  test('that resumption and signer meet at the same time is lost by neither', async () => {
    // The signer read the tenant as suspended; it is resumed before the hold is written.
    await suspend();
    const work = await environment.givenAccepted(claim);
    const hold = environment.heldMessages.hold.bind(environment.heldMessages);
    environment.heldMessages.hold = async (message, wanted) => {
      environment.heldMessages.hold = hold;
      await resumeTenant('Acme', {}, operator());
      return hold(message, wanted);
    };
    environment.pass(1);
    await environment.send([work]);
    expect(await statusOf(work)).toBe('sent');
  });

  test('that waits for its key in DNS is held as any other, and waits for it again after', async () => {
    environment.confirmation = { kind: 'absent' };
    const work = await environment.givenAccepted(claim);
    await environment.send([work]);
    environment.outbound.take();
    await suspend();
    environment.pass(60);
    await environment.send([work]);
    expect(await statusOf(work)).toBe('held');
    environment.pass(DAY_SECONDS);
    await resumeTenant('Acme', {}, operator());
    environment.outbound.take();
    environment.pass(1);
    await environment.send([work]);
    const { message } = (await environment.messages.get(work.tenant, work.id))!;
    expect(message.held).toMatchObject({
      code: 'key-not-published',
      since: environment.now.toISOString(),
    });
  });
});

describe('an exit call', () => {
  test('is not made where the tenant was suspended while its attempt was noted', async () => {
    const work = await environment.givenAccepted(claim);
    const move = environment.messages.moveRecipientBatch.bind(environment.messages);
    environment.messages.moveRecipientBatch = async (...given) => {
      environment.messages.moveRecipientBatch = move;
      await suspend();
      environment.pass(2);
      return move(...given);
    };
    await environment.send([work]);
    expect(environment.mailer.accepted).toEqual([]);
    expect(await statusOf(work)).toBe('held');
  });

  test('is not made where the state cannot be read, and nothing stays unclear', async () => {
    const work = await environment.givenAccepted(claim);
    const outage = Object.assign(new Error('no answer'), { $metadata: { httpStatusCode: 503 } });
    let reads = 0;
    const stateOf = environment.tenants.stateOf.bind(environment.tenants);
    environment.tenants.stateOf = async (tenant) => {
      reads += 1;
      if (reads === 2) throw outage;
      return stateOf(tenant);
    };
    const move = environment.messages.moveRecipientBatch.bind(environment.messages);
    environment.messages.moveRecipientBatch = async (...given) => {
      environment.pass(1);
      return move(...given);
    };
    expect((await environment.send([work])).failed).toEqual([]);
    expect(environment.mailer.accepted).toEqual([]);
    expect((await environment.recipientBatches(work))[0]).toMatchObject({ state: 'queued' });
    await deliverAll();
    expect(sentTo()).toEqual([work.id]);
  });

  test('costs at most one read of the state for each mail', async () => {
    let reads = 0;
    const stateOf = environment.tenants.stateOf.bind(environment.tenants);
    environment.tenants.stateOf = (tenant) => {
      reads += 1;
      return stateOf(tenant);
    };
    const works: OutboundWork[] = [];
    for (let index = 0; index < 10; index += 1) works.push(await environment.givenAccepted(claim));
    await environment.send(works);
    expect(sentTo()).toHaveLength(10);
    expect(reads).toBe(1);
    for (const work of works.slice(0, 3)) {
      environment.pass(10);
      const again = await environment.givenAccepted(claim);
      await environment.send([again]);
      expect(work.id).not.toBe(again.id);
    }
    expect(reads).toBe(4);
  });

  test('begins no later than 1 s after the suspension, however long each call takes', async () => {
    const latency = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 60 });
    await fc.assert(
      fc.asyncProperty(latency, fc.integer({ min: 0, max: 20_000 }), async (latencies, after) => {
        await givenService();
        const work = await environment.givenAccepted(claim, { recipients: 400 });
        const suspendAt = environment.now.getTime() + after;
        let suspendedAt: number | undefined;
        let calls = 0;
        /** Lets time pass; the operator's write is in the table at its time. */
        const take = async () => {
          const end = environment.now.getTime() + latencies[calls++ % latencies.length]!;
          if (suspendedAt === undefined && end >= suspendAt) {
            environment.now = new Date(Math.max(suspendAt, environment.now.getTime()));
            suspendedAt = environment.now.getTime();
            await suspend();
          }
          environment.now = new Date(end);
        };
        const slow = <T extends object>(port: T): T =>
          new Proxy(port, {
            get(target, name) {
              const member: unknown = Reflect.get(target, name);
              if (typeof member !== 'function') return member;
              return async (...values: unknown[]) => {
                await take();
                const result = (await Reflect.apply(member, target, values)) as unknown;
                await take();
                return result;
              };
            },
          });
        const stateOf = environment.tenants.stateOf.bind(environment.tenants);
        environment.tenants.stateOf = async (tenant) => {
          await take();
          const state = await stateOf(tenant);
          await take();
          return state;
        };
        const begun: number[] = [];
        const { mailer, messages, claims, mails } = environment.ports;
        const ports: SignerPorts = {
          ...environment.ports,
          messages: slow(messages),
          claims: slow(claims),
          mails: slow(mails),
          mailer: {
            exit: mailer.exit,
            send: async (...given) => {
              begun.push(environment.now.getTime());
              await take();
              return mailer.send(...given);
            },
          },
        };
        await environment.send([work], {}, ports);
        for (const at of begun) expect(at).toBeLessThanOrEqual((suspendedAt ?? at) + 1_000);
      }),
      { numRuns: isLong ? 5_000 : 150 },
    );
  });
});
