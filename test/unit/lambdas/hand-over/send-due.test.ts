import { beforeEach, describe, expect, test } from 'vitest';
import { composeMail } from '#shared/adapters/mime/compose.ts';
import { beginHandOver } from '#shared/app/hand-over/begin.ts';
import { messageIdOfKey, type Submission } from '#shared/app/sending/submit.ts';
import type { MailFields } from '#shared/app/ports/mail-composer.ts';
import type { StoredMessage } from '#shared/app/ports/message-store.ts';
import { contactIdOf, languages, type Contact } from '#shared/core/model/contact.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import { PENDING_DAYS } from '#shared/core/model/expiry.ts';
import type { HandOver } from '#shared/core/model/hand-over.ts';
import type { DomainName, MessageId, TenantId } from '#shared/core/model/names.ts';
import type { EffectiveState } from '#shared/core/model/recipient-batch.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';
import { hashOfToken } from '#shared/core/model/share-link.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '#shared/core/time.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import type { HandOverEvent, HandOverPorts } from '../../../../lambdas/hand-over/ports.ts';
import { sendDue } from '../../../../lambdas/hand-over/send-due.ts';
import { MemoryCheckStore } from '../../../fakes/check-store.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { MemoryContactStore } from '../../../fakes/contact-store.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { deployment, givenClaim, givenTenant } from '../../../fakes/given-claim.ts';
import { givenResult } from '../../../fakes/given-result.ts';
import { MemoryHandOverStore } from '../../../fakes/hand-over-store.ts';

const START = Date.parse('2026-12-01T09:00:00.000Z');
const sender = {
  tenant: 't_operator' as TenantId,
  from: 'dns@operator.example',
  name: 'Operator Ltd',
  replyTo: 'help@operator.example',
};
const page = 'https://api.example/v1/hand-over';

/** A contact with two domains, the operator's mail, and a clock. */
class TestEnvironment {
  now = START;
  readonly tenant = givenTenant();
  readonly claims = new MemoryClaimStore();
  readonly checks = new MemoryCheckStore();
  readonly contacts = new MemoryContactStore();
  readonly handOvers = new MemoryHandOverStore();
  readonly bus = new MemoryEventBus();
  readonly submitted: Submission[] = [];
  /** The fields of each mail, by its octets. */
  readonly composed = new Map<Buffer, MailFields>();
  readonly accepted = new Map<string, Submission>();
  readonly outcomes = new Map<MessageId, { state: EffectiveState; detail?: string }>();
  readonly events: HandOverEvent[] = [];
  readonly states = new Map<TenantId, TenantState>();
  failure: Error | undefined;
  #random = 0;
  readonly contact: Contact = {
    id: contactIdOf(this.tenant, 'ann@agency.example'),
    owner: this.tenant,
    email: 'ann@agency.example',
    name: 'Ann',
    createdAt: new Date(START).toISOString(),
  };
  readonly ports: HandOverPorts = {
    handOvers: this.handOvers,
    contacts: this.contacts,
    claims: this.claims,
    checks: this.checks,
    bus: this.bus,
    deployment,
    pending: PENDING_DAYS,
    composeMail: async (mail) => {
      const raw = await composeMail(mail);
      this.composed.set(raw, mail);
      return raw;
    },
    tenants: { stateOf: async (tenant) => this.states.get(tenant) },
    messages: { get: async (_tenant, id) => this.#stored(id) },
    submit: async (mail) => {
      if (this.failure !== undefined) throw this.failure;
      const key = String(mail.idempotencyKey);
      if (this.accepted.has(key)) {
        throw new Refusal('idempotency-key-reused', 'This key was used before.');
      }
      this.accepted.set(key, mail);
      this.submitted.push(mail);
      return { id: messageIdOfKey(sender.tenant, key) };
    },
    random: {
      bytes: (size) => {
        this.#random += 1;
        return new Uint8Array(size).fill(this.#random);
      },
    },
    clock: { now: () => new Date(this.now) },
    log: (event) => this.events.push(event),
  };

  async given(names = ['one.example', 'two.example'], changes: Partial<Contact> = {}) {
    const contact = { ...this.contact, ...changes };
    for (const domain of names as DomainName[]) {
      const claim = givenClaim({ tenant: this.tenant, domain });
      await this.claims.create(claim, { pendingPerTenant: 50, claimsPerShard: 1_000 });
      await this.contacts.assign(contact, { tenant: this.tenant, domain });
    }
    await beginHandOver(
      { owner: this.tenant, contact: contact.id, page },
      true,
      this.ports as never,
    );
  }

  async stored(): Promise<HandOver> {
    return (await this.handOvers.get(this.tenant, this.contact.id))!;
  }

  /** Every required record of a domain is right. */
  async finish(domain: string): Promise<void> {
    const key = { tenant: this.tenant, domain: domain as DomainName };
    const claim = (await this.claims.get(key))!;
    const at = new Date(this.now).toISOString();
    const records = customerRecords(claim, undefined, deployment).map(({ id, required }) => ({
      id,
      status: required ? ('ok' as const) : ('missing' as const),
      observed: [],
    }));
    const result = { checkedAt: at, records };
    await givenResult(this.checks, { ...claim, dueAt: at, memory: { rightSlots: [] }, result });
  }

  /** Runs each minute that is due, for so many days. */
  async pass(days: number): Promise<void> {
    for (const end = this.now + days * DAY_MS; this.now < end; this.now += 10 * MINUTE_MS) {
      await sendDue(this.ports, sender);
    }
  }

  #stored(id: MessageId): StoredMessage | undefined {
    const { state, detail } = this.outcomes.get(id) ?? { state: 'sent' };
    const recipients = [{ address: 'ann@agency.example', state, ...(detail && { detail }) }];
    return { message: {}, recipientBatches: [{ state: 'sent', recipients }] } as never;
  }
}

let env: TestEnvironment;
beforeEach(() => {
  env = new TestEnvironment();
});
const mailsOf = () => env.submitted.map(({ raw }) => env.composed.get(raw)!);

describe('a contact who does nothing', () => {
  test('is mailed at once and reminded on days 3, 10 and 30, each time with a link that opens', async () => {
    await env.given();
    const days: number[] = [];
    for (let day = 0; day < 40; day += 1) {
      const before = env.submitted.length;
      await env.pass(1);
      if (env.submitted.length > before) days.push(day);
    }
    expect(days).toEqual([0, 3, 10, 30]);
    const mails = mailsOf();
    expect(mails.map(({ subject }) => subject)).toEqual([
      'DNS records to add for 2 domains',
      'Reminder: DNS records to add for 2 domains',
      'Reminder: DNS records to add for 2 domains',
      'Reminder: DNS records to add for 2 domains',
    ]);
    expect(mails[3]!.text).toContain('This is the last reminder.');
    for (const mail of mails) {
      expect(mail.from).toEqual({ address: 'dns@operator.example', name: 'Operator Ltd' });
      expect(mail.replyTo).toEqual([{ address: 'help@operator.example' }]);
      expect(mail.headers).toEqual([{ name: 'Auto-Submitted', value: 'auto-generated' }]);
      expect(mail.text).toContain('- one.example: required records left: 4');
      const [, token = ''] = /hand-over\?lang=en#([a-z2-7]{52})/.exec(mail.text ?? '') ?? [];
      expect(mail.html).toContain(`href="${page}?lang=en#${token}"`);
      expect(await env.handOvers.byLink(hashOfToken(token))).toBeDefined();
    }
    expect(env.submitted.map(({ tenant, recipients }) => [tenant, recipients])).toEqual(
      Array.from({ length: 4 }, () => [sender.tenant, ['ann@agency.example']]),
    );
    expect(await env.stored()).toMatchObject({ ended: { why: 'over' } });
  });
});

describe('the mails stop', () => {
  test('as soon as nothing that sending waits for is left', async () => {
    await env.given();
    await env.pass(1);
    await env.finish('one.example');
    await env.pass(3);
    const [, reminder] = mailsOf();
    expect(reminder!.subject).toBe('Reminder: DNS records to add for two.example');
    expect(reminder!.text).not.toContain('one.example');
    await env.finish('two.example');
    await env.pass(40);
    expect(env.submitted).toHaveLength(2);
    expect(await env.stored()).toMatchObject({ ended: { why: 'done' } });
  });

  test.each<[EffectiveState, string]>([
    ['bounced', '550 5.1.1 no such user'],
    ['complained', ''],
    ['suppressed', 'on the suppression list'],
  ])('where one was %s, and each of the domains has an event', async (state, detail) => {
    await env.given();
    await sendDue(env.ports, sender);
    const [mail] = (await env.stored()).mails;
    env.outcomes.set(mail!.message, { state, ...(detail && { detail }) });
    await env.pass(40);
    expect(env.submitted).toHaveLength(1);
    expect(await env.stored()).toMatchObject({
      mails: [{ day: 0, state, ...(detail && { detail }) }],
      ended: { why: 'undelivered' },
    });
    expect(env.bus.events).toMatchObject(
      ['one.example', 'two.example'].map((domain) => ({
        type: 'domain.contact_unreached',
        tenant: env.tenant,
        data: { domain, email: 'ann@agency.example', state },
      })),
    );
  });

  test('where the claims are gone', async () => {
    await env.given(['one.example']);
    await env.pass(1);
    const claim = (await env.claims.get({
      tenant: env.tenant,
      domain: 'one.example' as DomainName,
    }))!;
    await env.claims.retire(claim, { ...claim, version: 2, lifecycle: 'expired' });
    await env.pass(40);
    expect(env.submitted).toHaveLength(1);
  });
});

test('nobody is mailed for an account that is suspended, until it is active again', async () => {
  await env.given();
  env.states.set(env.tenant, { status: 'suspended' });
  await env.pass(5);
  expect(env.submitted).toEqual([]);
  env.states.delete(env.tenant);
  await env.pass(2);
  expect(env.submitted.length).toBeGreaterThan(0);
});

test('a mail that comes late has the next ones come later too', async () => {
  await env.given();
  env.states.set(env.tenant, { status: 'suspended' });
  await env.pass(40);
  env.states.delete(env.tenant);
  await env.pass(2);
  expect(env.submitted).toHaveLength(1);
  await env.pass(2);
  expect(env.submitted).toHaveLength(2);
});

test('a delivered mail is seen within minutes', async () => {
  await env.given();
  await sendDue(env.ports, sender);
  const [mail] = (await env.stored()).mails;
  env.outcomes.set(mail!.message, { state: 'delivered' });
  env.now += 10 * MINUTE_MS;
  await sendDue(env.ports, sender);
  expect((await env.stored()).mails).toMatchObject([{ state: 'delivered' }]);
  expect((await env.stored()).mailing?.dueAt).toBe(new Date(START + 3 * DAY_MS).toISOString());
});

describe('a run that was cut short', () => {
  test('after the mail was accepted sends it to nobody twice', async () => {
    await env.given();
    const put = env.handOvers.put.bind(env.handOvers);
    let writes = 0;
    env.handOvers.put = async (before, next) => {
      writes += 1;
      if (writes === 2) throw new Conflict('cut short');
      return put(before, next);
    };
    await sendDue(env.ports, sender);
    expect(env.events).toMatchObject([{ kind: 'deferred' }]);
    await sendDue(env.ports, sender);
    expect(env.submitted).toHaveLength(1);
    // The link of the mail that went out opens.
    const [, token = ''] = /#([a-z2-7]{52})/.exec(mailsOf()[0]!.text ?? '') ?? [];
    expect(await env.handOvers.byLink(hashOfToken(token))).toBeDefined();
    expect((await env.stored()).mails).toHaveLength(1);
  });

  test('since no mail is accepted tries again in an hour, and keeps the links that were mailed', async () => {
    await env.given();
    await env.pass(1);
    const { links } = await env.stored();
    env.failure = new Refusal('from-refused', 'The domain is not yours.');
    await env.pass(3);
    expect(env.submitted).toHaveLength(1);
    expect((await env.stored()).links).toEqual(links);
    expect(env.events.filter(({ kind }) => kind === 'deferred').length).toBeLessThan(30);
    env.failure = undefined;
    env.now += HOUR_MS;
    await sendDue(env.ports, sender);
    expect(env.submitted).toHaveLength(2);
  });
});

test.each(languages)(
  'a mail in %s is in the language of the contact, by both texts',
  async (language) => {
    await env.given(['one.example'], { language });
    await sendDue(env.ports, sender);
    const [mail] = mailsOf();
    const english = language === 'en';
    expect(mail!.subject.includes('DNS records to add')).toBe(english);
    expect(mail!.text!.includes('This page shows')).toBe(english);
    expect(mail!.text).toContain(`?lang=${language}#`);
    expect(mail!.html).toContain(`<html lang="${language}">`);
    expect(mail!.text).not.toMatch(/[{}]/);
  },
);

test.each([
  'win at evil.example now',
  'see https://evil.example',
  '<b>Ann</b>',
  'a@b',
  'x'.repeat(90),
])('a name that a mail program could make a link of greets nobody: %j', async (name) => {
  await env.given(['one.example'], { name });
  await sendDue(env.ports, sender);
  const [mail] = mailsOf();
  expect(mail!.text).toMatch(/^Hello,\n/);
  expect(mail!.text).not.toContain(name);
  expect(mail!.html).not.toContain(name);
});
