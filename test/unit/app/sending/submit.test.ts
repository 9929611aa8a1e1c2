import { createHash } from 'node:crypto';
import { beforeEach, describe, expect, test } from 'vitest';
import { submitMail, type Submission, type SubmitPorts } from '#shared/app/sending/submit.ts';
import { MAX_CARRIED } from '#shared/app/sending/carried-mail.ts';
import { refuseRecipientBatch } from '#shared/core/model/recipient-batch.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { givenBudgets } from '../../../fakes/given-budgets.ts';
import { givenClaim, givenTenant } from '../../../fakes/given-claim.ts';
import { MemoryMailCounts } from '../../../fakes/mail-counts.ts';
import { MemoryMailStore } from '../../../fakes/mail-store.ts';
import { MemorySuppressionStore } from '../../../fakes/suppression-store.ts';
import { MemoryMessageStore } from '../../../fakes/message-store.ts';
import { Throttled } from '#shared/core/model/errors.ts';
import { isOutage } from '#shared/adapters/aws/outage.ts';
import { FIRST_CHECK_MS, minuteOf } from '#shared/app/ports/outbox.ts';
import { FakeTime } from '../../../fakes/time.ts';
import { MemoryOutbox } from '../../../fakes/outbox.ts';
import { MemoryOutboundQueue } from '../../../fakes/outbound-queue.ts';

const now = new Date('2026-11-20T10:00:00.000Z');
const mail = (header = 'From: ann@example.com\r\nTo: bob@example.net\r\n', body = 'Hello.\r\n') =>
  Buffer.from(`${header}\r\n${body}`);

const outage = Object.assign(new Error('out'), { $metadata: { httpStatusCode: 503 } });

/** An address as long as SES takes it: 64 octets, and 254 in all. */
const longest = `${'x'.repeat(64)}@${['d'.repeat(62), 'd'.repeat(63), 'd'.repeat(62)].join('.')}`;

let claims: MemoryClaimStore;
let messages: MemoryMessageStore;
let mails: MemoryMailStore;
let outbound: MemoryOutboundQueue;
let suppressions: MemorySuppressionStore;
let mailCounts: MemoryMailCounts;
let outbox: MemoryOutbox;
let time: FakeTime;
let lines: object[];
let warnings: string[];
let ports: SubmitPorts;
let claim: Claim;

beforeEach(async () => {
  claims = new MemoryClaimStore();
  messages = new MemoryMessageStore();
  mails = new MemoryMailStore();
  outbound = new MemoryOutboundQueue();
  suppressions = new MemorySuppressionStore();
  mailCounts = new MemoryMailCounts();
  outbox = new MemoryOutbox();
  time = new FakeTime();
  lines = [];
  warnings = [];
  let draws = 0;
  ports = {
    claims,
    budgets: givenBudgets({ now: () => now }).budgets,
    messages,
    mails,
    suppressions,
    mailCounts,
    log: {
      info: (message, details) => void lines.push({ message, ...details }),
      warn: (message) => void warnings.push(message),
    },
    outbox,
    isOutage,
    retryTime: time,
    outbound,
    clock: { now: () => now },
    random: { bytes: (size) => new Uint8Array(size).fill((draws += 1)) },
    unsignedAllowed: new Set(),
    maxOctets: 4_500_000,
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

const accept = (changes: Partial<Submission> = {}) =>
  submitMail(ports, {
    tenant: claim.tenant,
    channel: 'api',
    raw: mail(),
    recipients: [],
    strict: false,
    ...changes,
  });
const submit = async (changes: Partial<Submission> = {}) => (await accept(changes)).id;

async function recipientsOf(submission: Partial<Submission>): Promise<string[]> {
  const id = await submit(submission);
  const { recipientBatches } = (await messages.get(claim.tenant, id))!;
  return recipientBatches.flatMap(({ recipients }) => recipients.map(({ address }) => address));
}

describe('a credential for some domains', () => {
  test('submits mail of these, and no other', async () => {
    await submit({ domains: ['example.com' as DomainName] });
    expect(await refusalOf({ domains: ['other.example' as DomainName] })).toMatchObject({
      code: 'from-refused',
    });
  });
});

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

describe('a mail that came as an upload', () => {
  test('is pinned to its content; one that came with the request is not', async () => {
    const pinned = await submit({ isUploaded: true });
    expect((await messages.get(claim.tenant, pinned))!.message.content).toEqual({
      etag: `"${createHash('md5').update(mail()).digest('hex')}"`,
      sha256: createHash('sha256').update(mail()).digest('hex'),
    });
    const other = await submit();
    expect((await messages.get(claim.tenant, other))!.message.content).toBeUndefined();
  });
});

const mailOf = (body: string, date: string) => ({
  channel: 'json' as const,
  raw: mail(`From: ann@example.com\r\nTo: bob@example.net\r\nDate: ${date}\r\n`),
  asReceived: Buffer.from(body),
  idempotencyKey: 'order-7',
});

/** The mails that the outbox checks first. */
async function entered() {
  const at = minuteOf(new Date(now.getTime() + FIRST_CHECK_MS));
  return (await outbox.entries({ first: at, last: at })).entries;
}

const noted = () => ({ get: messages.get.bind(messages) });

const counted = () =>
  mailCounts.read({ tenant: claim.tenant, domain: claim.domain }, ['2026-11-20']);

describe('the count of mails', () => {
  test('has each accepted mail once, by its channel', async () => {
    await submit({ channel: 'smtp' });
    await submit({ channel: 'json', idempotencyKey: 'k' });
    await submit({ channel: 'json', idempotencyKey: 'k' });
    await expect(submit(from('example.org'))).rejects.toThrow(/cannot be sent/);
    expect(await counted()).toEqual([{ smtp: 1, json: 1 }]);
  });

  test('fails no mail where it cannot be written', async () => {
    ports = { ...ports, mailCounts: { add: out } };
    await submit();
    expect(outbound.sent).toHaveLength(1);
    expect(warnings).toEqual(['a mail was not counted']);
  });
});

describe('a mail that is known by its content', () => {
  const named = {
    raw: mail('From: ann@example.com\r\nTo: bob@example.net\r\nMessage-ID: <1@a>\r\nDate: x\r\n'),
    isKnownByContent: true,
  };

  test('is one, also with a recipient named twice, and another for other recipients', async () => {
    const id = await submit(named);
    expect(await submit(named)).toBe(id);
    expect(await submit({ ...named, recipients: ['bob@example.net', 'bob@example.net'] })).toBe(id);
    expect(await submit({ ...named, recipients: ['eve@example.net'] })).not.toBe(id);
  });

  test('is found by one read', async () => {
    await submit(named);
    let reads = 0;
    const get = (...of: Parameters<typeof messages.get>) => {
      reads += 1;
      return messages.get(...of);
    };
    await submitMail(
      { ...ports, messages: { create: messages.create.bind(messages), get } },
      {
        tenant: claim.tenant,
        channel: 'smtp',
        recipients: [],
        strict: false,
        ...named,
      },
    );
    expect(reads).toBe(1);
  });

  test('is two where it has no Message-ID or no Date', async () => {
    const bare = { ...named, raw: mail() };
    expect(await submit(bare)).not.toBe(await submit(bare));
  });

  test('is submitted again once it was refused', async () => {
    const id = await submit(named);
    const [batch] = (await messages.get(claim.tenant, id))!.recipientBatches;
    await messages.moveRecipientBatch(
      claim.tenant,
      id,
      refuseRecipientBatch(batch!, 'a reason', now),
    );
    const again = await submit(named);
    expect(again).not.toBe(id);
    expect(await submit(named)).toBe(again);
  });
});

describe('a mail that was made from fields', () => {
  test('is the same one where the fields are, though it was made again', async () => {
    const id = await submit(mailOf('{}', '1'));
    expect(await submit(mailOf('{}', '2'))).toBe(id);
    await expect(submit(mailOf('{"a":1}', '1'))).rejects.toThrow(/used for another mail/);
  });
});

describe('an accepted mail', () => {
  test('is queued as it came, with all that it is sent by, and noted', async () => {
    const raw = mail(undefined, 'Gr\u00fc\u00dfe \r\n');
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
    const [queued] = outbound.take();
    expect(queued).toMatchObject({ group: claim.tenant, request: { tenant: claim.tenant, id } });
    const { suppressed, ...carried } = queued!.request.carried!;
    expect(carried).toEqual({ message, raw, recipients: ['bob@example.net'] });
    expect(suppressed.size + mails.size).toBe(0);
  });

  test('of over 128 KB is stored, entered in the outbox, and queued by its id', async () => {
    const raw = mail(undefined, linesOf(MAX_CARRIED + 1 - mail(undefined, '').length));
    const id = await submit({ raw });
    const { message } = (await messages.get(claim.tenant, id))!;
    expect(await mails.get(message)).toEqual(raw);
    expect(outbound.take().map(({ request }) => request)).toEqual([
      { tenant: claim.tenant, id, waits: 0 },
    ]);
    expect(await entered()).toEqual([{ tenant: claim.tenant, id }]);
  });

  test('is stored where its recipients make its message too large for the queue', async () => {
    const recipients = Array.from({ length: 1_000 }, (_, index) => `${index}.${longest.slice(5)}`);
    const id = await submit({ recipients, raw: mail(undefined, linesOf(MAX_CARRIED / 4)) });
    expect(outbound.take()[0]!.request).toEqual({ tenant: claim.tenant, id, waits: 0 });
    expect(mails.size).toBe(1);
  });

  test('that the table cannot note is accepted: the signer has it and notes it', async () => {
    ports = { ...ports, messages: { ...noted(), create: () => Promise.reject(outage) } };
    const id = await submit();
    expect(outbound.take()).toMatchObject([{ request: { id, carried: { message: { id } } } }]);
    expect(warnings).toEqual(['a mail was not noted, the signer will']);
    // A client with a key submits the same one again.
    await expect(submit({ idempotencyKey: 'k' })).rejects.toThrow(Throttled);
  });

  test('that the signer noted first is counted once', async () => {
    const create: typeof messages.create = async (...args) => {
      await messages.create(...args);
      return messages.create(...args);
    };
    ports = { ...ports, messages: { ...noted(), create } };
    await submit();
    expect(await counted()).toEqual([{ api: 1 }]);
  });

  test('that needs repairs is queued repaired, and says so', async () => {
    const raw = mail('From: ann@example.com\r\nTo: bob@example.net\r\nSubject: Grüße\r\n', 'x\ny');
    const { id, repairs } = await accept({ raw });
    expect(repairs.map(({ code }) => code)).toEqual([
      'line-ends',
      'final-line-end',
      'header-encoded',
    ]);
    const { message } = (await messages.get(claim.tenant, id))!;
    expect(message).toMatchObject({ repairs, size: raw.length });
    expect(outbound.take()[0]!.request.carried?.raw.toString()).toBe(
      'From: ann@example.com\r\nTo: bob@example.net\r\nSubject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n\r\nx\r\ny\r\n',
    );
    expect(await refusalOf({ raw, strict: true })).toMatchObject({ code: 'message-refused' });
  });

  test('that is sent again after it was repaired is the same message, with its repairs', async () => {
    const raw = mail(undefined, 'x');
    const first = await accept({ raw, idempotencyKey: 'k' });
    expect(await accept({ raw, idempotencyKey: 'k' })).toEqual(first);
    expect(first.repairs).toHaveLength(1);
  });

  test('may have an empty line as its body', async () => {
    await submit({ raw: mail(undefined, '\r\n') });
    expect(outbound.sent).toHaveLength(1);
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
    ['of two words', ['bob x@example.net'], /is no address/],
    ['a domain of one label', ['bob@localhost'], /only one label/],
    ['an address literal', ['bob@[192.0.2.1]'], /is no address/],
    ['a line break', ['bob@example.net\r\nX: y'], /is no address/],
    ['a local part of 65 octets', [`${'x'.repeat(65)}@example.net`], /at most 64 octets/],
    ['of 255 octets', [longest.replace('@', '@d')], /254 in all/],
  ])('are refused where one is %s', async (_, recipients, reason) => {
    expect(await refusalOf({ recipients: ['good@example.net', ...recipients] })).toEqual(
      refused('recipients-refused', reason),
    );
  });

  test('are taken up to 64 octets before the "@" and 254 in all', async () => {
    const id = await submit({ recipients: [longest] });
    const { recipientBatches } = (await messages.get(claim.tenant, id))!;
    expect(recipientBatches[0]!.recipients.map(({ address }) => address)).toEqual([longest]);
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
    ['an empty mail', Buffer.alloc(0), 'invalid-body', /no octets/],
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
      'a word of 2,000 octets in a field',
      mail(`From: a@example.com\r\nX: ${'x'.repeat(2000)}\r\n${ok}`),
      'message-refused',
      /998/,
    ],
    [
      'a From that is an encoded word',
      mail(`From: =?utf-8?b?QW5uIDxhbm5AZXhhbXBsZS5jb20+?=\r\n${ok}`),
      'message-refused',
      /encoded the whole field, and must encode the display name only/,
    ],
    [
      'Resent-From',
      mail(`From: a@example.com\r\nResent-From: a@example.com\r\n${ok}`),
      'message-refused',
      /resent/i,
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
    expect(outbound.sent).toHaveLength(1);
  });
});

describe('Idempotency-Key', () => {
  const idempotencyKey = 'order-7';

  test('the same mail under the same key is one message, queued again for safety', async () => {
    const first = await submit({ idempotencyKey });
    const second = await submit({ idempotencyKey });
    expect(second).toBe(first);
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
    expect(outbound.sent.map(({ request }) => request.carried)).toMatchObject([
      { message, raw: mail() },
    ]);
  });

  test('of two mails that race for it, one is taken, as it was', async () => {
    const other = mail(undefined, 'Other.\r\n');
    const [one, two] = await Promise.allSettled([
      submit({ idempotencyKey }),
      submit({ idempotencyKey, raw: other }),
    ]);
    expect([one.status, two.status]).toEqual(['fulfilled', 'rejected']);
    const id = (one as PromiseFulfilledResult<Awaited<ReturnType<typeof submit>>>).value;
    // The signer drops the other one.
    const { message } = (await messages.get(claim.tenant, id))!;
    const ofOne = ({ request }: (typeof outbound.sent)[number]) =>
      request.carried!.message.fingerprint === message.fingerprint;
    expect(outbound.sent.filter(ofOne).map(({ request }) => request.carried!.raw)).toEqual([
      mail(),
    ]);
  });

  test('recipients on the suppression list are named, and marked from the beginning', async () => {
    const { tenant } = claim;
    const recipients = ['Ann@example.net', 'bob@example.net'];
    await suppressions.add({
      tenant,
      address: 'ann@example.net',
      reason: 'bounce',
      addedAt: now.toISOString(),
    });
    const accepted = await accept({ recipients, idempotencyKey });
    expect(accepted.suppressed).toEqual(['Ann@example.net']);
    const { recipientBatches } = (await messages.get(tenant, accepted.id))!;
    expect(recipientBatches[0]!.recipients).toEqual([
      { address: 'Ann@example.net', state: 'suppressed' },
      { address: 'bob@example.net', state: 'accepted' },
    ]);
    // A replay says what became of the first submission, whatever the list has now.
    await suppressions.remove(tenant, 'ann@example.net');
    expect(await accept({ recipients, idempotencyKey })).toEqual(accepted);
  });

  test('a replay answers as before even if the claim was lost meanwhile', async () => {
    const id = await submit({ idempotencyKey });
    await claims.update(claim, { ...claim, version: claim.version + 1, status: 'lost' });
    expect(await submit({ idempotencyKey })).toBe(id);
  });

  test('an accepted mail has a line in the log, with its id; a replay has none', async () => {
    const id = await submit({ idempotencyKey });
    await submit({ idempotencyKey });
    expect(lines).toMatchObject([{ message: 'a mail was accepted', messageId: id }]);
  });

  test('a queue that is out fails no mail: the outbox has it, and it can be submitted again', async () => {
    outbound.failing.push(outage);
    const id = await submit({ idempotencyKey });
    expect(outbound.take()).toEqual([]);
    expect(warnings).toEqual(['a mail could not be queued, it is stored']);
    expect(await entered()).toEqual([{ tenant: claim.tenant, id }]);
    expect(await mails.get((await messages.get(claim.tenant, id))!.message)).toEqual(mail());
    expect(await submit({ idempotencyKey })).toBe(id);
    expect(outbound.take()).toMatchObject([{ request: { id } }]);
  });

  test('what the queue refuses to carry is stored, and queued by its id', async () => {
    outbound.failing.push(new Error('too large'));
    const id = await submit();
    expect(outbound.take().map(({ request }) => request)).toEqual([
      { tenant: claim.tenant, id, waits: 0 },
    ]);
    expect(mails.size).toBe(1);
  });

  test.each(['claims', 'messages', 'mails', 'suppressions', 'outbox'] as const)(
    'an outage of %s that ends in time is outlasted; one that does not is answered as such',
    async (port) => {
      const target: object = ports[port];
      let failures = 3;
      const failing = new Proxy(target, {
        get:
          (_, name) =>
          async (...args: unknown[]) => {
            failures -= 1;
            if (failures >= 0) throw outage;
            return Reflect.apply(Reflect.get(target, name) as () => unknown, target, args);
          },
      });
      ports = { ...ports, [port]: failing };
      // Stored first, so that all of them are needed.
      const isUploaded = true;
      await submit({ idempotencyKey, isUploaded });
      expect(outbound.take()).toHaveLength(1);
      failures = Infinity;
      await expect(submit({ idempotencyKey: 'another', isUploaded })).rejects.toThrow(Throttled);
      expect(outbound.take()).toEqual([]);
      expect(time.slept.length).toBeGreaterThan(5);
    },
  );

  test('what failed at any step is made good by submitting again', async () => {
    const steps = ['mails', 'messages', 'outbox'] as const;
    for (const [index, broken] of steps.entries()) {
      const key = `key-${index}`;
      const working = ports;
      const target = ports[broken];
      const failing = new Proxy(target, {
        get: (_, method) => (method === 'get' ? (target as typeof messages).get.bind(target) : out),
      });
      ports = { ...ports, [broken]: failing };
      const isUploaded = true;
      await expect(submit({ idempotencyKey: key, isUploaded })).rejects.toThrow('out');
      ports = working;
      outbound.take();
      const id = await submit({ idempotencyKey: key, isUploaded });
      const { message } = (await messages.get(claim.tenant, id))!;
      expect(await mails.get(message)).toEqual(mail());
      expect(outbound.take()).toMatchObject([{ request: { id } }]);
    }
  });
});
