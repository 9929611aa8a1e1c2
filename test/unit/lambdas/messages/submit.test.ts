import { beforeEach, describe, expect, test } from 'vitest';
import {
  submitMail,
  type Submission,
  type SubmitPorts,
} from '../../../../lambdas/messages/submit.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { OutboundRequest } from '#shared/app/ports/queues.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { givenClaim, givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryMailStore } from '../../../fakes/mail-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';
import { MemoryQueue } from '../../../fakes/queue.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const mail = (header = 'From: ann@example.com\r\nTo: bob@example.net\r\n', body = 'Hello.\r\n') =>
  Buffer.from(`${header}\r\n${body}`);

let claims: MemoryClaimStore;
let messages: MemoryMessageStore;
let mails: MemoryMailStore;
let outbound: MemoryQueue<OutboundRequest>;
let ports: SubmitPorts;
let claim: Claim;

beforeEach(async () => {
  claims = new MemoryClaimStore();
  messages = new MemoryMessageStore();
  mails = new MemoryMailStore();
  outbound = new MemoryQueue();
  let draws = 0;
  ports = {
    claims,
    messages,
    mails,
    outbound,
    clock: { now: () => now },
    random: { bytes: (size) => new Uint8Array(size).fill((draws += 1)) },
    unsignedAllowed: new Set(),
  };
  claim = await givenHeld('example.com');
});

async function givenHeld(domain: string, changes: Partial<Claim> = {}): Promise<Claim> {
  const newborn = givenClaim({ domain: domain as DomainName, ...changes });
  await claims.create(newborn, { pendingPerTenant: 50, claimsPerShard: 100 });
  const verified: Claim = { ...newborn, version: 2, status: 'verified' };
  await claims.hold(newborn, verified, now.toISOString());
  return verified;
}

const submit = (changes: Partial<Submission> = {}) =>
  submitMail(ports, { tenant: claim.tenant, raw: mail(), recipients: [], ...changes });

async function recipientsOf(submission: Partial<Submission>): Promise<string[]> {
  const id = await submit(submission);
  const { recipientBatches } = (await messages.get(claim.tenant, id))!;
  return recipientBatches.flatMap(({ recipients }) => recipients.map(({ address }) => address));
}

/** The refusal of a mail, and whether anything was changed for all that. */
async function refusalOf(changes: Partial<Submission>) {
  const error = await submit(changes).then(
    () => new Error('it was accepted'),
    (thrown: unknown) => thrown as Error,
  );
  const { code, message } = error as Error & { code?: string };
  return { code, message, changed: mails.size > 0 || outbound.sent.length > 0 };
}

const refused = (code: string, reason = /./) => ({
  code,
  message: expect.stringMatching(reason) as string,
  changed: false,
});

const from = (domain: string) => ({ raw: mail(`From: a@${domain}\r\nTo: bob@example.net\r\n`) });
const linesOf = (size: number) => 'x'.repeat(70).concat('\r\n').repeat(70_000).slice(-size);
const out = () => Promise.reject(new Error('out'));

describe('an accepted mail', () => {
  test('is stored as it came, noted with its recipients, and queued', async () => {
    const raw = mail(undefined, 'bare\nline ends\n');
    const id = await submit({ raw });
    const { message, recipientBatches } = (await messages.get(claim.tenant, id))!;
    expect(message).toMatchObject({
      tenant: claim.tenant,
      domain: 'example.com',
      createdAt: now.toISOString(),
      size: raw.length,
    });
    expect(recipientBatches).toMatchObject([
      {
        state: 'queued',
        attempt: 0,
        recipients: [{ address: 'bob@example.net', state: 'accepted' }],
      },
    ]);
    expect(await mails.get(message)).toEqual(raw);
    expect(outbound.take()).toMatchObject([{ request: { tenant: claim.tenant, id } }]);
  });

  test('may have an empty line as its body', async () => {
    await submit({ raw: mail(undefined, '\r\n') });
    expect(mails.size).toBe(1);
  });

  test('may be of 4.5 million octets, not of one more', async () => {
    const head = mail(undefined, '').length;
    await submit({ raw: mail(undefined, linesOf(4_500_000 - head)) });
    mails = new MemoryMailStore();
    ports = { ...ports, mails };
    outbound.take();
    const raw = mail(undefined, linesOf(4_500_001 - head));
    expect(await refusalOf({ raw })).toEqual(
      refused('payload-too-large', /has 4500001 octets; at most 4500000/),
    );
  });
});

describe('recipients', () => {
  const raw = mail(
    'From: ann@example.com\r\nTo: Bob <bob@Example.NET>, team: cy@example.net, bob@example.net;\r\nCc: dee@bücher.example\r\nBcc: eve@example.net\r\n'.replace(
      'dee@bücher.example',
      'dee@xn--bcher-kva.example',
    ),
  );

  test('are those of To, Cc and Bcc, each once', async () => {
    expect(await recipientsOf({ raw })).toEqual([
      'bob@example.net',
      'cy@example.net',
      'dee@xn--bcher-kva.example',
      'eve@example.net',
    ]);
  });

  test('given beside the mail replace them, each once, in A-labels', async () => {
    const recipients = ['fay+x@bücher.example', 'FAY@example.net', 'FAY@EXAMPLE.net'];
    expect(await recipientsOf({ raw, recipients })).toEqual([
      'fay+x@xn--bcher-kva.example',
      'FAY@example.net',
    ]);
  });

  test('are in recipient batches of 50', async () => {
    const recipients = Array.from({ length: 120 }, (_, i) => `r${i}@example.net`);
    const id = await submit({ recipients });
    const { recipientBatches } = (await messages.get(claim.tenant, id))!;
    expect(recipientBatches.map((recipientBatch) => recipientBatch.recipients.length)).toEqual([
      50, 50, 20,
    ]);
  });

  test.each<[string, string[], RegExp]>([
    ['no address', ['bob'], /"bob" is no address: .*no "@"/],
    ['an empty one', [''], /"" is no address/],
    ['two in one', ['a@example.net,b@example.net'], /not one bare address/],
    ['with a name', ['Bob <bob@example.net>'], /not one bare address/],
    ['a non-ASCII local part', ['bób@example.net'], /not ASCII/],
    ['a plus that became a space', ['bob x@example.net'], /%2B/],
    ['a domain of one label', ['bob@localhost'], /only one label/],
    ['an address literal', ['bob@[192.0.2.1]'], /is no address/],
    ['a line break', ['bob@example.net\r\nX: y'], /is no address/],
    ['a local part of 65 octets', [`${'x'.repeat(65)}@example.net`], /at most 64 octets/],
  ])('are refused where one is %s', async (_, recipients, reason) => {
    expect(await refusalOf({ recipients: ['good@example.net', ...recipients] })).toEqual(
      refused('recipients-refused', reason),
    );
  });

  test('are refused where there is none, or more than 1,000', async () => {
    const none = mail('From: ann@example.com\r\nTo: undisclosed-recipients:;\r\n');
    expect(await refusalOf({ raw: none })).toEqual(refused('recipients-refused', /no recipient/));
    const recipients = Array.from({ length: 1001 }, (_, i) => `r${i}@example.net`);
    expect(await refusalOf({ recipients })).toEqual(
      refused('recipients-refused', /has 1001 recipients.*at most 1000/),
    );
  });
});

describe('at submission', () => {
  const ok = 'To: bob@example.net\r\n';
  test.each<[string, Buffer, string, RegExp]>([
    ['an empty request', Buffer.alloc(0), 'invalid-body', /no body/],
    ['an empty body', mail(undefined, ''), 'message-refused', /no body/],
    [
      'a header only',
      Buffer.from('From: ann@example.com\r\nTo: bob@example.net\r\n'),
      'message-refused',
      /no body/,
    ],
    ['no From', mail(ok), 'message-refused', /no From field/],
    [
      'two From fields',
      mail(`From: a@example.com\r\nFrom: a@example.com\r\n${ok}`),
      'message-refused',
      /from/i,
    ],
    [
      'a From of two domains',
      mail(`From: a@example.com, b@example.org\r\n${ok}`),
      'message-refused',
      /one domain/,
    ],
    ['a bare CR', mail(undefined, 'a\rb\r\n'), 'message-refused', /CR/],
    ['NUL', mail(undefined, 'a\0b\r\n'), 'message-refused', /NUL/],
    [
      'a line of 2,000 octets',
      mail(undefined, `${'x'.repeat(2000)}\r\n`),
      'message-refused',
      /998/,
    ],
    [
      'Resent-From',
      mail(`From: a@example.com\r\nResent-From: a@example.com\r\n${ok}`),
      'message-refused',
      /resent/i,
    ],
    [
      'a raw 8-bit field',
      mail(`From: a@example.com\r\nSubject: Grüße\r\n${ok}`),
      'message-refused',
      /RFC 2047/,
    ],
    [
      'a non-ASCII local part',
      mail(`From: =?utf-8?q?=C3=A4?= <ä@example.com>\r\n${ok}`),
      'message-refused',
      /ASCII/,
    ],
    [
      'a Sender of two mailboxes',
      mail(`From: a@example.com\r\nSender: a@example.com, b@example.com\r\n${ok}`),
      'message-refused',
      /Sender/,
    ],
  ])('%s is refused with the reason, and nothing is changed', async (_, raw, code, reason) => {
    expect(await refusalOf({ raw })).toEqual(refused(code, reason));
  });
});

describe('permission', () => {
  test('the reason is one, for any holder of the domain and however far it is', async () => {
    const tenant = givenTenant();
    const pending = givenClaim({ tenant, domain: 'pending.example' as DomainName });
    await claims.create(pending, { pendingPerTenant: 50, claimsPerShard: 100 });
    const rival = givenClaim({ tenant, domain: 'example.com' as DomainName });
    await claims.create(rival, { pendingPerTenant: 50, claimsPerShard: 100 });
    const reasons = new Set<string>();
    for (const domain of ['example.com', 'pending.example', 'nobody.example', 'sub.example.com']) {
      const raw = mail(`From: a@${domain}\r\nTo: bob@example.net\r\n`);
      const error = (await submit({ tenant, raw }).catch((thrown: unknown) => thrown)) as Error & {
        code: string;
      };
      expect(error.code).toBe('from-refused');
      reasons.add(error.message.replaceAll(domain, 'D'));
    }
    expect(reasons.size).toBe(1);
    expect(mails.size).toBe(0);
  });

  test('a foreign Sender is refused, an own one is not', async () => {
    const raw = mail('From: a@example.com\r\nSender: news@example.org\r\nTo: bob@example.net\r\n');
    await givenHeld('example.org');
    expect(await refusalOf({ raw })).toEqual(refused('sender-refused', /example\.org/));
    const own = await givenHeld('own.example', { tenant: claim.tenant });
    const id = await submit({
      raw: mail(`From: a@example.com\r\nSender: news@${own.domain}\r\nTo: bob@example.net\r\n`),
    });
    expect((await messages.get(claim.tenant, id))?.message.senderDomain).toBe('own.example');
  });

  test('unsigned only for what the operator lists and no tenant ever claimed around', async () => {
    ports = { ...ports, unsignedAllowed: new Set(['plain.example', 'sub.example.com']) };
    expect(await refusalOf(from('sub.example.com'))).toEqual(refused('from-refused'));
    expect(await refusalOf(from('other.example'))).toEqual(refused('from-refused'));
    await submit(from('plain.example'));
    expect(mails.size).toBe(1);
  });
});

describe('Idempotency-Key', () => {
  const idempotencyKey = 'order-7';

  test('the same mail under the same key is one message, queued again for safety', async () => {
    const first = await submit({ idempotencyKey });
    const second = await submit({ idempotencyKey });
    expect(second).toBe(first);
    expect(mails.size).toBe(1);
    expect(outbound.take().map(({ request }) => request.id)).toEqual([first, first]);
  });

  test('two tenants’ keys are apart; without a key each mail is its own', async () => {
    const other = await givenHeld('other.example');
    const raw = mail('From: a@other.example\r\nTo: bob@example.net\r\n');
    const ids = [
      await submit({ idempotencyKey }),
      await submit({ idempotencyKey, tenant: other.tenant, raw }),
      await submit(),
      await submit(),
    ];
    expect(new Set(ids).size).toBe(4);
  });

  test.each<[string, Partial<Submission>]>([
    ['another mail', { raw: mail(undefined, 'Other.\r\n') }],
    ['other recipients', { recipients: ['other@example.net'] }],
  ])('for %s it is refused, and the first mail stays as it was', async (_, changes) => {
    const id = await submit({ idempotencyKey });
    await expect(submit({ idempotencyKey, ...changes })).rejects.toMatchObject({
      code: 'idempotency-key-reused',
    });
    const { message } = (await messages.get(claim.tenant, id))!;
    expect(await mails.get(message)).toEqual(mail());
    expect(mails.size).toBe(1);
  });

  test('of two mails that race for it, one is taken, as it was', async () => {
    const other = mail(undefined, 'Other.\r\n');
    const [one, two] = await Promise.allSettled([
      submit({ idempotencyKey }),
      submit({ idempotencyKey, raw: other }),
    ]);
    expect([one.status, two.status]).toEqual(['fulfilled', 'rejected']);
    const id = (one as PromiseFulfilledResult<Awaited<ReturnType<typeof submit>>>).value;
    expect(await mails.get((await messages.get(claim.tenant, id))!.message)).toEqual(mail());
  });

  test('a replay answers as before even if the claim was lost meanwhile', async () => {
    const id = await submit({ idempotencyKey });
    await claims.update(claim, { ...claim, version: claim.version + 1, status: 'lost' });
    expect(await submit({ idempotencyKey })).toBe(id);
  });

  test('what failed at any step is made good by submitting again', async () => {
    const steps = ['mails', 'messages', 'outbound'] as const;
    for (const [index, broken] of steps.entries()) {
      const key = `key-${index}`;
      const working = ports;
      const target = ports[broken];
      const failing = new Proxy(target, {
        get: (_, method) => (method === 'get' ? (target as typeof messages).get.bind(target) : out),
      });
      ports = { ...ports, [broken]: failing };
      await expect(submit({ idempotencyKey: key })).rejects.toThrow('out');
      ports = working;
      outbound.take();
      const id = await submit({ idempotencyKey: key });
      const { message } = (await messages.get(claim.tenant, id))!;
      expect(await mails.get(message)).toEqual(mail());
      expect(outbound.take()).toMatchObject([{ request: { id } }]);
    }
  });
});
