import { beforeEach, describe, expect, test } from 'vitest';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import { messageIdOf } from '#shared/core/model/names.ts';
import { beginAttempt, newRecipientBatches } from '#shared/core/model/recipient-batch.ts';
import { newReputation, wholeAccount } from '#shared/core/model/reputation.ts';
import { applySesEvents } from '../../../../lambdas/ses-events/apply-events.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { givenSesEvents, reputationLimits } from '../../../fakes/given-ses-events.ts';

const at = '2026-11-20T10:00:00.000Z';
const domain = 'example.com' as DomainName;
const other = 'example.org' as DomainName;
let tenant: TenantId;
let service: ReturnType<typeof givenSesEvents>;
let mails: number;
beforeEach(() => {
  tenant = givenTenant();
  service = givenSesEvents();
  mails = 0;
});

type Fate = 'delivered' | 'bounced' | 'soft-bounced' | 'complained';
interface Sent {
  readonly id: MessageId;
  readonly address: string;
  readonly from: DomainName;
}

/** A mail to one recipient that SES has. */
async function sent(from = domain, to?: string): Promise<Sent> {
  mails += 1;
  const id = messageIdOf(
    Uint8Array.from({ length: 16 }, (_, i) => (i === 0 ? mails % 256 : i === 1 ? mails >> 8 : 7)),
  );
  const address = to ?? `r${mails}@example.net`;
  const message = { tenant, id, domain: from, createdAt: at, size: 1, fingerprint: 'f' };
  const lease = { until: new Date(at), by: 'me' };
  await service.ports.messages.create(
    message,
    newRecipientBatches([address]).map((batch) => beginAttempt(batch, lease)),
  );
  return { id, address, from };
}

function eventOf({ id, address, from }: Sent, fate: Fate): string {
  const recipients = [{ emailAddress: address }];
  const part = {
    delivered: { eventType: 'Delivery', delivery: { timestamp: at, recipients: [address] } },
    bounced: {
      eventType: 'Bounce',
      bounce: { timestamp: at, bounceType: 'Permanent', bouncedRecipients: recipients },
    },
    'soft-bounced': {
      eventType: 'Bounce',
      bounce: { timestamp: at, bounceType: 'Transient', bouncedRecipients: recipients },
    },
    complained: {
      eventType: 'Complaint',
      complaint: { timestamp: at, complainedRecipients: recipients },
    },
  }[fate];
  const tags = { tenant: [tenant], message: [id], chunk: ['0'], attempt: ['1'] };
  const mail = {
    timestamp: at,
    messageId: `ses-${id}`,
    source: `bounces@${from}`,
    destination: [address],
    tags,
  };
  return JSON.stringify({ ...part, mail });
}

async function become(fate: Fate, from = domain, to?: string): Promise<void> {
  await applySesEvents(service.ports, [eventOf(await sent(from, to), fate)]);
}

async function standingOf(subject: { readonly domain?: DomainName }) {
  const [found] = await service.ports.reputations.among([{ tenant, ...subject }], at);
  return found!;
}
const standing = () => standingOf({ domain });

const out = () => Promise.reject(new Error('no answer'));

describe('the reputation of a sender', () => {
  test('counts each outcome once, whatever is repeated or comes later', async () => {
    const first = await sent();
    const delivery = eventOf(first, 'delivered');
    await applySesEvents(service.ports, [delivery, delivery]);
    await applySesEvents(service.ports, [delivery]);
    await applySesEvents(service.ports, [eventOf(first, 'complained')]);
    await become('bounced');
    await become('soft-bounced');
    const counts = { outcomes: 2, bounced: 1, complained: 1 };
    expect((await standing()).counts).toEqual(counts);
    expect((await standingOf({})).counts).toEqual(counts);
    expect(await standingOf({ domain: other })).toEqual(newReputation);
  });

  test('pauses by what is counted though another slows it down at the same time', async () => {
    const { reputations } = service.ports;
    for (let n = 0; n < 54; n += 1) await become('delivered');
    for (let n = 0; n < 5; n += 1) await become('bounced');
    await reputations.move({ tenant, domain }, 'slowed', 'good', at);
    const move = reputations.move.bind(reputations);
    let isFirst = true;
    reputations.move = async (subject, from, to, when) => {
      if (isFirst) await move(subject, 'good', 'slowed', when);
      isFirst = false;
      return move(subject, from, to, when);
    };
    await become('bounced');
    expect((await standing()).standing).toBe('paused');
  });

  test('leaves out the mailbox simulator', async () => {
    await become('bounced', domain, 'bounce@simulator.amazonses.com');
    await become('complained', domain, 'complaint+1@simulator.amazonses.com');
    expect((await standing()).counts).toEqual(newReputation.counts);
  });

  test('at one hard bounce of ten mails changes nothing', async () => {
    await become('bounced');
    for (let n = 0; n < 9; n += 1) await become('delivered');
    expect((await standing()).standing).toBe('good');
  });

  test('at 10 % hard bounces is paused within 100 mails, with event, alarm and log', async () => {
    let until = 0;
    while (until < 100 && (await standing()).standing !== 'paused') {
      until += 1;
      await become(until % 10 === 0 ? 'bounced' : 'delivered');
    }
    expect(until).toBe(50);
    expect(service.ports.bus.events.filter(({ type }) => type.startsWith('sending.'))).toEqual([
      expect.objectContaining({
        type: 'sending.paused',
        data: {
          domain,
          recipients: 50,
          bounced: 5,
          complained: 0,
          detail: 'of 50 recipients in 7 days 10.0 % bounced for good and 0.00 % complained',
        },
      }),
      expect.objectContaining({
        type: 'sending.paused',
        tenant,
        data: expect.not.objectContaining({ domain }),
      }),
    ]);
    expect(service.counted).toEqual(['paused', 'paused']);
    expect(service.operatorEvents).toMatchObject([
      { type: 'reputation.changed', data: { tenant, domain, to: 'paused' } },
      { type: 'reputation.changed', data: { tenant, from: 'good', to: 'paused', enforced: true } },
    ]);
    expect(service.logged).toContain('the standing of a sender changed');
    // Neither a better rate nor time ends a pause.
    for (let n = 0; n < 100; n += 1) await become('delivered');
    expect((await standing()).standing).toBe('paused');
    await service.ports.reputations.reset({ tenant, domain }, false, at);
    await become('delivered');
    expect((await standing()).standing).toBe('good');
  });

  test('of one domain pauses that domain alone, where the tenant has enough other mail', async () => {
    for (let n = 0; n < 200; n += 1) await become('delivered', other);
    for (let n = 1; n <= 50; n += 1) await become(n % 8 === 0 ? 'bounced' : 'delivered');
    expect((await standing()).standing).toBe('paused');
    expect((await standingOf({ domain: other })).standing).toBe('good');
    expect((await standingOf({})).standing).toBe('good');
  });

  test('slows from 5 % on, and is good again by itself', async () => {
    for (let n = 1; n <= 90; n += 1) await become(n % 15 === 0 ? 'bounced' : 'delivered');
    expect((await standing()).standing).toBe('slowed');
    for (let n = 1; n <= 60; n += 1) await become('delivered');
    expect((await standing()).standing).toBe('good');
    const types = service.ports.bus.events
      .filter(({ type, data }) => type.startsWith('sending.') && data['domain'] === domain)
      .map(({ type }) => type);
    expect(types).toEqual(['sending.slowed', 'sending.resumed']);
  });

  test('is paused by complaints from the third on', async () => {
    for (let n = 0; n < 100; n += 1) await become('delivered');
    await become('complained');
    await become('complained');
    expect((await standing()).standing).toBe('good');
    await become('complained');
    expect((await standing()).standing).toBe('paused');
  });

  test('pauses earlier where the account as a whole bounces too much, and who sends well does not', async () => {
    const rest = { outcomes: 10_000, bounced: 450, complained: 0 };
    await service.ports.reputations.count(wholeAccount, rest, at);
    for (let n = 1; n <= 100; n += 1) await become(n % 20 === 0 ? 'bounced' : 'delivered');
    expect((await standing()).standing).toBe('paused');
    for (let n = 1; n <= 100; n += 1) await become(n % 50 === 0 ? 'bounced' : 'delivered', other);
    expect((await standingOf({ domain: other })).standing).toBe('good');
    const [account] = await service.ports.reputations.among([wholeAccount], at);
    expect(account).toEqual({
      standing: 'good',
      counts: { outcomes: 10_200, bounced: 457, complained: 0 },
    });
  });

  test('where the operator only wants to know changes without an event of the tenant', async () => {
    service = givenSesEvents({ settings: { limits: reputationLimits, isEnforced: false } });
    for (let n = 1; n <= 50; n += 1) await become(n % 8 === 0 ? 'bounced' : 'delivered');
    expect(service.ports.bus.events.filter(({ type }) => type.startsWith('sending.'))).toEqual([]);
    expect(service.operatorEvents[0]).toMatchObject({ data: { to: 'paused', enforced: false } });
    expect(service.counted).toContain('paused');
  });

  test('that the operator exempted has no effect', async () => {
    await service.ports.reputations.reset({ tenant }, true, at);
    await service.ports.reputations.reset({ tenant, domain }, true, at);
    for (let n = 1; n <= 60; n += 1) await become('bounced');
    expect((await standing()).standing).toBe('good');
    expect((await standing()).counts.bounced).toBe(60);
  });

  test('while its table is out fails no event', async () => {
    const ports = { ...service.ports, reputations: { count: out, passOn: out, move: out } };
    const result = await applySesEvents(ports, [eventOf(await sent(), 'delivered')]);
    expect(result).toEqual({ failed: [], unmatched: 0 });
    expect(new Set(service.logged)).toEqual(new Set(['a reputation could not be counted']));
  });

  test('whose change could not be published changes with the next outcome, once', async () => {
    for (let n = 1; n <= 49; n += 1) await become(n % 8 === 0 ? 'bounced' : 'delivered');
    // The first event that is put of the next mail is that of its delivery.
    const put = service.ports.bus.put.bind(service.ports.bus);
    let isOut = true;
    service.ports.bus.put = (events) =>
      isOut && events.some(({ type }) => type.startsWith('sending.'))
        ? Promise.reject(new Error('no answer'))
        : put(events);
    await become('delivered');
    expect((await standing()).standing).toBe('good');
    isOut = false;
    await become('delivered');
    expect((await standing()).standing).toBe('paused');
    // The tenant's counts follow with the tenth delivery since its last bounce.
    for (let n = 1; n <= 7; n += 1) await become('delivered');
    expect((await standingOf({})).standing).toBe('paused');
    expect(service.ports.bus.events.filter(({ type }) => type === 'sending.paused')).toHaveLength(
      2,
    );
  });

  test('has deliveries passed on to the tenant ten at a time, a bounce at once with those before', async () => {
    for (let n = 1; n <= 9; n += 1) await become('delivered');
    expect((await standingOf({})).counts.outcomes).toBe(0);
    await become('delivered');
    expect((await standingOf({})).counts.outcomes).toBe(10);
    await become('delivered', other);
    await become('delivered');
    await become('bounced');
    expect((await standingOf({})).counts).toEqual({ outcomes: 12, bounced: 1, complained: 0 });
    await become('complained', other);
    expect((await standingOf({})).counts).toEqual({ outcomes: 14, bounced: 1, complained: 1 });
  });

  test('has each outcome passed on once, by whoever is faster', async () => {
    const mails = await Promise.all(Array.from({ length: 50 }, () => sent()));
    const events = mails.map((mail) => eventOf(mail, 'delivered'));
    await Promise.all(events.map((event) => applySesEvents(service.ports, [event])));
    await become('bounced');
    expect((await standingOf({})).counts.outcomes).toBe(51);
  });
});
