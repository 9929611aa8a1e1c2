import { createHash } from 'node:crypto';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, test } from 'vitest';
import { Throttled } from '#shared/core/model/errors.ts';
import { messageStatus, unclearAttempts } from '#shared/core/model/message.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { addresses, mailFrom, publicKey, start, TestEnvironment } from './test-environment.ts';

const outage = Object.assign(new Error('no answer'), { $metadata: { httpStatusCode: 503 } });
const fault = new TypeError('undefined is not a mail');

async function given(changes: Parameters<TestEnvironment['givenAccepted']>[1] = {}) {
  const testEnvironment = new TestEnvironment();
  const claim = await testEnvironment.givenHeld('example.com');
  const work = await testEnvironment.givenAccepted(claim, changes);
  const stored = async () => (await testEnvironment.messages.get(work.tenant, work.id))!;
  const status = async () => {
    const { message, recipientBatches } = await stored();
    return messageStatus(message, recipientBatches);
  };
  const header = () => {
    const raw = testEnvironment.mailer.accepted[0]!.raw;
    return raw.subarray(0, raw.indexOf('\r\n\r\n')).toString('latin1');
  };
  return { testEnvironment, claim, work, stored, status, header };
}

const sha256 = (octets: Buffer) => createHash('sha256').update(octets).digest('hex');

describe('a mail of a held domain', () => {
  test('goes out with a signature that another verifier accepts', async () => {
    const { testEnvironment, claim, work, stored, status } = await given();
    const { failed, counts } = await testEnvironment.send([work]);
    expect(failed).toEqual([]);
    expect(await status()).toBe('sent');
    expect(testEnvironment.outbound.sent).toEqual([]);
    // Each own metric costs, and SES counts this one itself.
    expect(counts).toEqual(new Map());
    const key = claim.keys[0];
    expect((await stored()).message.signed).toEqual({
      at: start.toISOString(),
      signature: { domain: 'example.com', selector: 'zero', keyId: key.id },
    });
    const asked: string[] = [];
    const { results } = await dkimVerify(testEnvironment.mailer.accepted[0]!.raw, {
      curTime: testEnvironment.now,
      resolver: async (name: string) => {
        asked.push(name);
        return [[`v=DKIM1; k=rsa; p=${publicKey}`]];
      },
    });
    expect(results.map((result) => result.status.result)).toEqual(['pass']);
    expect(asked).toEqual(['zero._domainkey.example.com']);
  });

  test('carries nothing that SES or its steering would read, and a MIME-Version', async () => {
    const raw = Buffer.from(
      'DKIM-Signature: v=1; d=other.example\nX-SES-CONFIGURATION-SET: mine\nReturn-Path: <a@b.c>\n' +
        'Bcc: secret@example.net\nFrom: ann@example.com\nTo: r0@example.net\n\nbare line ends\n',
    );
    const { testEnvironment, work, header } = await given({ raw });
    await testEnvironment.send([work]);
    expect(header()).not.toMatch(/^(x-ses|return-path|bcc|bounces-to)/im);
    expect(header().match(/^dkim-signature:/gim)).toHaveLength(1);
    expect(header()).toMatch(/^mime-version: 1\.0$/im);
    expect(testEnvironment.mailer.accepted[0]!.raw.toString()).toMatch(
      /\r\n\r\nbare line ends\r\n$/,
    );
  });

  test('120 recipients go out in three calls under the From domain, tagged, signed once', async () => {
    const { testEnvironment, work } = await given({ recipients: 120 });
    await testEnvironment.send([work]);
    const calls = testEnvironment.mailer.accepted.map(({ envelope }) => envelope);
    expect(calls.map(({ recipients }) => recipients.length)).toEqual([50, 50, 20]);
    expect(calls.flatMap(({ recipients }) => recipients)).toEqual(addresses(120));
    expect(new Set(calls.map(({ source }) => source))).toEqual(new Set(['bounces@example.com']));
    expect(calls[1]!.tags).toEqual({
      tenant: work.tenant,
      message: work.id,
      recipientBatch: 1,
      attempt: 1,
    });
    const copies = testEnvironment.mailer.accepted.map(({ raw }) => raw.toString('latin1'));
    expect(new Set(copies).size).toBe(1);
  });

  test('that it sent is noted, and a failure to note it fails nothing', async () => {
    const { testEnvironment, claim, work } = await given();
    await testEnvironment.send([work]);
    expect(testEnvironment.sent).toEqual([{ label: claim.label, at: start.toISOString() }]);
    const other = await testEnvironment.givenAccepted(claim);
    const sendingLog = { noteSent: () => Promise.reject(outage) };
    const { failed } = await testEnvironment.send(
      [other],
      {},
      { ...testEnvironment.ports, sendingLog },
    );
    expect(failed).toEqual([]);
    expect(testEnvironment.mailer.accepted).toHaveLength(2);
  });

  test('whose h= would be too long is refused with the reason, not retried', async () => {
    const lists = 'List-Id: <a.example.com>\r\n'.repeat(600);
    const { testEnvironment, work, stored, status } = await given({
      raw: Buffer.concat([Buffer.from(lists), mailFrom('example.com')]),
    });
    expect((await testEnvironment.send([work])).failed).toEqual([]);
    expect(await status()).toBe('refused');
    expect((await stored()).recipientBatches[0]!.reason).toMatch(/DKIM-Signature field would be/);
    expect(testEnvironment.mailer.accepted).toEqual([]);
  });

  test('that is stored under another From is never sent under this name', async () => {
    const { testEnvironment, work } = await given({ raw: mailFrom('other.example') });
    expect((await testEnvironment.send([work])).failed).toEqual([0]);
    expect(testEnvironment.mailer.accepted).toEqual([]);
  });

  test('that came as an upload, and is another one now, is refused and never signed', async () => {
    const raw = mailFrom('example.com');
    const etag = `"${createHash('md5').update(raw).digest('hex')}"`;
    const right = await given({ raw, content: { etag, sha256: sha256(raw) } });
    await right.testEnvironment.send([right.work]);
    expect(right.testEnvironment.mailer.accepted).toHaveLength(1);
    for (const content of [
      { etag, sha256: sha256(Buffer.from('another')) },
      { etag: '"another"', sha256: sha256(raw) },
    ]) {
      const { testEnvironment, work, stored } = await given({ raw, content });
      expect((await testEnvironment.send([work])).failed).toEqual([]);
      expect(testEnvironment.mailer.accepted).toEqual([]);
      expect((await stored()).recipientBatches[0]).toMatchObject({
        state: 'refused',
        reason: expect.stringMatching(/not the one that was inspected/) as string,
      });
      expect((await stored()).message.signed).toBeUndefined();
    }
  });

  test('that is no longer stored is refused', async () => {
    const { testEnvironment, work, stored } = await given();
    testEnvironment.pass(30 * 24 * 60 * 60);
    await testEnvironment.send([work]);
    expect((await stored()).recipientBatches[0]).toMatchObject({
      state: 'refused',
      reason: 'The mail could not be sent within the 30 days that it is kept for.',
    });
  });
});

describe('permission is asked again when the mail is sent', () => {
  test('a claim lost meanwhile: refused with the reason, nothing sent, also not unsigned', async () => {
    const { testEnvironment, claim, work, stored, status } = await given();
    const lost = { ...claim, version: claim.version + 1, status: 'lost' as const };
    await testEnvironment.claims.update(claim, lost);
    const unsignedAllowed = new Set(['example.com']);
    const { counts } = await testEnvironment.send([work], { unsignedAllowed });
    expect(await status()).toBe('refused');
    expect((await stored()).recipientBatches[0]!.reason).toMatch(
      /^Mail from example\.com cannot be sent: it is not a verified domain of this account/,
    );
    expect(testEnvironment.mailer.accepted).toEqual([]);
    expect(counts.get('MessagesRefused')).toBe(1);
  });

  test('the reason is the same with no holder and with another holder of the domain', async () => {
    const { testEnvironment, stored } = await given();
    const stranger = givenTenant();
    const reasons: (string | undefined)[] = [];
    for (const domain of ['example.com', 'nobody.example'] as DomainName[]) {
      const work = await testEnvironment.givenAccepted({ tenant: stranger, domain });
      await testEnvironment.send([work]);
      reasons.push((await testEnvironment.recipientBatches(work))[0]!.reason?.replace(domain, 'D'));
    }
    expect(reasons[0]).toBe(reasons[1]);
    expect((await stored()).recipientBatches[0]!.state).toBe('queued');
  });

  test('Sender must be held too', async () => {
    const { testEnvironment, claim } = await given();
    const senderDomain = 'news.example.org' as DomainName;
    const foreign = await testEnvironment.givenAccepted(claim, { senderDomain });
    await testEnvironment.send([foreign]);
    expect((await testEnvironment.recipientBatches(foreign))[0]).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/^The Sender field names news\.example\.org/) as string,
    });
    await testEnvironment.givenHeld(senderDomain, { tenant: claim.tenant });
    const own = await testEnvironment.givenAccepted(claim, { senderDomain });
    await testEnvironment.send([own]);
    expect((await testEnvironment.recipientBatches(own))[0]!.state).toBe('sent');
  });

  test('a domain on the operator’s list goes out unsigned, unless a claim was ever made around it', async () => {
    const { testEnvironment, claim } = await given();
    const unsignedAllowed = new Set(['plain.example', 'sub.example.com']);
    const send = async (domain: string) => {
      testEnvironment.mailer.verify(domain);
      const author = { tenant: claim.tenant, domain: domain as DomainName };
      const work = await testEnvironment.givenAccepted(author);
      await testEnvironment.send([work], { unsignedAllowed });
      return (await testEnvironment.messages.get(work.tenant, work.id))!;
    };
    const plain = await send('plain.example');
    expect(plain.recipientBatches[0]!.state).toBe('sent');
    expect(plain.message.signed?.signature).toBe('unsigned');
    expect(testEnvironment.mailer.accepted[0]!.raw.toString()).not.toMatch(/dkim-signature/i);
    expect((await send('sub.example.com')).recipientBatches[0]!.state).toBe('refused');
    expect((await send('unlisted.example')).recipientBatches[0]!.state).toBe('refused');
  });

  test('a revoked key signs nothing: the mail waits', async () => {
    const { testEnvironment, claim, work, stored } = await given();
    await testEnvironment.revokedKeys.add(claim.keys[0].id, start.toISOString());
    expect((await testEnvironment.send([work])).failed).toEqual([]);
    expect((await stored()).recipientBatches[0]!.state).toBe('queued');
    const [first] = testEnvironment.outbound.take();
    expect(first).toMatchObject({ request: { ...work, waits: 1 } });
    expect(first!.delaySeconds).toBeLessThanOrEqual(4);
    // Where no other key takes over at once, the waits grow.
    await testEnvironment.send([{ ...work, waits: 9 }]);
    expect(testEnvironment.outbound.take()[0]!.delaySeconds).toBeGreaterThanOrEqual(200);
  });

  test('a claim without a current key: the mail waits', async () => {
    const { testEnvironment, claim, work } = await given();
    const [zero, one, two] = claim.keys;
    const keys = [{ ...zero, state: 'revoked' as const }, one, two] as const;
    await testEnvironment.claims.update(claim, { ...claim, version: claim.version + 1, keys });
    await testEnvironment.send([work]);
    expect(testEnvironment.mailer.accepted).toEqual([]);
    expect(testEnvironment.outbound.take()).toMatchObject([{ request: { ...work, waits: 1 } }]);
  });
});

describe('what SES answers', () => {
  test('a throttle: the mail is queued afresh with a growing delay, and goes out later', async () => {
    const { testEnvironment, work, status } = await given({ recipients: 120 });
    testEnvironment.mailer.faults.push('throttle');
    const { failed, counts } = await testEnvironment.send([work]);
    expect(failed).toEqual([]);
    expect(counts).toEqual(new Map([['SendThrottled', 1]]));
    const [first] = testEnvironment.outbound.take();
    expect(first).toEqual({
      request: { ...work, waits: 1, place: 0 },
      delaySeconds: 2,
      group: work.tenant,
    });
    testEnvironment.pass(2);
    testEnvironment.mailer.faults.push('throttle');
    await testEnvironment.send([first!.request]);
    const [second] = testEnvironment.outbound.take();
    expect(second).toMatchObject({ request: { ...work, waits: 2, place: 0 }, delaySeconds: 3 });
    await testEnvironment.send([second!.request]);
    expect(await status()).toBe('sent');
    expect(testEnvironment.mailer.accepted).toHaveLength(3);
    expect(unclearAttempts(await testEnvironment.recipientBatches(work))).toBe(0);
  });

  test('the back-off stays within what SQS can delay', async () => {
    const { testEnvironment, work } = await given();
    testEnvironment.mailer.faults.push('throttle');
    await testEnvironment.send(
      [{ ...work, waits: 1_000 }],
      {},
      { ...testEnvironment.ports, jitter: () => 0.9999 },
    );
    expect(testEnvironment.outbound.take()[0]!.delaySeconds).toBeLessThanOrEqual(900);
  });

  test('after a throttle nothing else of the batch is tried', async () => {
    const { testEnvironment, claim, work } = await given();
    const others = [
      await testEnvironment.givenAccepted(claim),
      await testEnvironment.givenAccepted(claim),
    ];
    testEnvironment.mailer.faults.push('throttle');
    await testEnvironment.send([work, ...others]);
    const tried = 3 - testEnvironment.outbound.take().length;
    expect(testEnvironment.mailer.accepted).toHaveLength(tried);
    expect(tried).toBeLessThan(3);
  });

  test('a refusal ends on the status, not in a retry loop', async () => {
    const { testEnvironment, work, stored, status } = await given();
    const mailer = new TestEnvironment().mailer;
    const { counts } = await testEnvironment.send([work], {}, { ...testEnvironment.ports, mailer });
    expect(await status()).toBe('refused');
    expect((await stored()).recipientBatches[0]!.reason).toMatch(
      /not verified: bounces@example\.com/,
    );
    expect(testEnvironment.outbound.sent).toEqual([]);
    expect(counts.get('MessagesRefused')).toBe(1);
    expect(testEnvironment.bus.events).toMatchObject([
      {
        type: 'message.refused',
        at: start.toISOString(),
        data: {
          message: work.id,
          recipient: 'r0@example.net',
          detail: expect.stringContaining('not verified'),
        },
      },
    ]);
  });

  test('an event that failed is published, by the same id, when the message comes again', async () => {
    const { testEnvironment, work } = await given();
    const mailer = new TestEnvironment().mailer;
    testEnvironment.bus.failing.push(new Throttled('EventBridge'));
    const ports = { ...testEnvironment.ports, mailer };
    expect((await testEnvironment.send([work], {}, ports)).failed).toEqual([]);
    expect(testEnvironment.bus.events).toEqual([]);
    const [again] = testEnvironment.outbound.take();
    await testEnvironment.send([again!.request], {}, ports);
    await testEnvironment.send([again!.request], {}, ports);
    expect(testEnvironment.bus.events).toHaveLength(2);
    expect(new Set(testEnvironment.bus.events.map(({ id }) => id)).size).toBe(1);
  });

  test('a broken connection is unclear; no event for 15 min: sent again, and counted', async () => {
    const { testEnvironment, work, status } = await given();
    testEnvironment.mailer.faults.push('reset-before');
    const first = await testEnvironment.send([work]);
    expect(await status()).toBe('unclear');
    expect(first.counts.get('UnclearAttempts')).toBeUndefined();
    expect(testEnvironment.bus.events).toMatchObject([
      { type: 'message.unclear', data: { message: work.id, recipient: 'r0@example.net' } },
    ]);
    expect(testEnvironment.outbound.take()).toMatchObject([{ request: work, delaySeconds: 900 }]);
    testEnvironment.pass(899);
    await testEnvironment.send([work]);
    expect(testEnvironment.outbound.take()).toMatchObject([{ request: work, delaySeconds: 1 }]);
    testEnvironment.pass(1);
    const last = await testEnvironment.send([work]);
    expect(last.counts.get('UnclearAttempts')).toBe(1);
    expect(await status()).toBe('sent');
    expect(testEnvironment.mailer.accepted).toHaveLength(1);
    expect(testEnvironment.mailer.accepted[0]!.envelope.tags.attempt).toBe(2);
    expect(unclearAttempts(await testEnvironment.recipientBatches(work))).toBe(1);
  });

  test('a broken connection after SES took the mail: its event settles it, nothing is doubled', async () => {
    const { testEnvironment, work, status } = await given();
    testEnvironment.mailer.faults.push('reset-after');
    await testEnvironment.send([work]);
    expect(await status()).toBe('unclear');
    await testEnvironment.deliverEvent(testEnvironment.mailer.accepted[0]!);
    expect(await status()).toBe('sent');
    testEnvironment.pass(901);
    await testEnvironment.send([work]);
    expect(testEnvironment.mailer.accepted).toHaveLength(1);
    expect(unclearAttempts(await testEnvironment.recipientBatches(work))).toBe(0);
  });

  test('under the policy `hold` an unclear recipient batch stays so, counted and logged', async () => {
    const { testEnvironment, work, status } = await given();
    testEnvironment.mailer.faults.push('reset-before');
    await testEnvironment.send([work], { unclearPolicy: 'hold' });
    testEnvironment.outbound.take();
    testEnvironment.pass(901);
    const { counts, failed } = await testEnvironment.send([work], { unclearPolicy: 'hold' });
    expect(await status()).toBe('unclear');
    expect({ failed, queued: testEnvironment.outbound.sent }).toEqual({ failed: [], queued: [] });
    expect(counts.get('UnclearAttempts')).toBe(1);
    expect(testEnvironment.logged.some(({ level }) => level === 'error')).toBe(true);
  });

  test('a claim lost while a recipient batch is unclear: refused after the waiting time, the attempt counted', async () => {
    const { testEnvironment, claim, work } = await given();
    testEnvironment.mailer.faults.push('reset-before');
    await testEnvironment.send([work]);
    const lost = { ...claim, version: claim.version + 1, status: 'lost' as const };
    await testEnvironment.claims.update(claim, lost);
    await testEnvironment.send([work]);
    expect((await testEnvironment.recipientBatches(work))[0]!.state).toBe('unclear');
    testEnvironment.pass(901);
    await testEnvironment.send([work]);
    expect((await testEnvironment.recipientBatches(work))[0]).toMatchObject({
      state: 'refused',
      unclearAttempts: 1,
    });
    expect(testEnvironment.mailer.accepted).toEqual([]);
  });
});

describe('what must wait is queued afresh, so that waiting uses up no receives', () => {
  test('KMS out', async () => {
    const { testEnvironment, work, status } = await given();
    testEnvironment.vault.failing.push(new Throttled('KMS'));
    expect((await testEnvironment.send([work])).failed).toEqual([]);
    const [again] = testEnvironment.outbound.take();
    expect(again).toMatchObject({ request: { ...work, waits: 1 }, delaySeconds: 2 });
    await testEnvironment.send([again!.request]);
    expect(await status()).toBe('sent');
  });

  test.each(['messages', 'claims', 'revokedKeys', 'mails'] as const)('%s out', async (port) => {
    const { testEnvironment, work } = await given();
    const out = new Proxy(testEnvironment.ports[port], { get: () => () => Promise.reject(outage) });
    const { failed } = await testEnvironment.send(
      [work],
      {},
      { ...testEnvironment.ports, [port]: out },
    );
    expect(failed).toEqual([]);
    expect(testEnvironment.outbound.take()).toMatchObject([{ request: { ...work, waits: 1 } }]);
    expect(testEnvironment.mailer.accepted).toEqual([]);
  });

  test('with the queue out too, the message is handed back', async () => {
    const { testEnvironment, work } = await given();
    testEnvironment.vault.failing.push(new Throttled('KMS'));
    testEnvironment.outbound.failing.push(outage);
    expect((await testEnvironment.send([work])).failed).toEqual([0]);
  });

  test('past the deadline no attempt begins', async () => {
    const { testEnvironment, work } = await given();
    const ports = {
      ...testEnvironment.ports,
      clock: { now: () => new Date(start.getTime() + 30_000) },
    };
    await testEnvironment.send([work], {}, ports);
    expect(testEnvironment.mailer.accepted).toEqual([]);
    expect(testEnvironment.outbound.take()).toMatchObject([{ request: work, delaySeconds: 0 }]);
  });

  test('a fault of ours hands back the one message, the others go out', async () => {
    const { testEnvironment, claim, work } = await given();
    const bad = await testEnvironment.givenAccepted(claim);
    const mails: typeof testEnvironment.ports.mails = {
      put: (...args) => testEnvironment.mails.put(...args),
      get: (key) => (key.id === bad.id ? Promise.reject(fault) : testEnvironment.mails.get(key)),
    };
    const good = await testEnvironment.givenAccepted(claim);
    const { failed } = await testEnvironment.send(
      [work, bad, good],
      {},
      { ...testEnvironment.ports, mails },
    );
    expect(failed).toEqual([1]);
    expect(testEnvironment.mailer.accepted).toHaveLength(2);
  });
});

describe('a batch', () => {
  test('shares one read of claims, one of revoked keys, and one unwrapped key', async () => {
    const { testEnvironment, claim, work } = await given();
    const works = [work];
    for (let more = 0; more < 9; more += 1) works.push(await testEnvironment.givenAccepted(claim));
    const reads: string[] = [];
    const claims = {
      getHeld: (keys: Parameters<typeof testEnvironment.claims.getHeld>[0]) => {
        reads.push(`claims ${keys.length}`);
        return testEnvironment.claims.getHeld(keys);
      },
      everClaimedAround: () => Promise.reject(fault),
    };
    const revokedKeys = {
      among: (ids: readonly string[]) => {
        reads.push(`revoked ${ids.length}`);
        return testEnvironment.revokedKeys.among(ids);
      },
    };
    await testEnvironment.send(works, {}, { ...testEnvironment.ports, claims, revokedKeys });
    expect(testEnvironment.mailer.accepted).toHaveLength(10);
    expect(reads).toEqual(['claims 1', 'revoked 1']);
    expect(testEnvironment.vault.unwraps).toBe(1);
  });

  test('a lease that was written, though the write was answered as refused, is used', async () => {
    const { testEnvironment, work, status } = await given();
    let answers = 0;
    const messages: typeof testEnvironment.ports.messages = {
      create: testEnvironment.messages.create.bind(testEnvironment.messages),
      get: testEnvironment.messages.get.bind(testEnvironment.messages),
      recipientBatch: testEnvironment.messages.recipientBatch.bind(testEnvironment.messages),
      noteHeld: testEnvironment.messages.noteHeld.bind(testEnvironment.messages),
      notePlace: testEnvironment.messages.notePlace.bind(testEnvironment.messages),
      moveRecipientBatch: async (...args) => {
        const moved = await testEnvironment.messages.moveRecipientBatch(...args);
        return moved && (answers += 1) > 1;
      },
    };
    await testEnvironment.send([work], {}, { ...testEnvironment.ports, messages });
    expect(await status()).toBe('sent');
    expect(testEnvironment.outbound.sent).toEqual([]);
  });

  test('that holds one message twice sends it once', async () => {
    const { testEnvironment, work } = await given();
    await testEnvironment.send([work, work]);
    expect(testEnvironment.mailer.accepted).toHaveLength(1);
  });

  test('a message that is gone is dropped with a log line', async () => {
    const { testEnvironment, work } = await given();
    testEnvironment.messages.expire(work.tenant, work.id);
    expect(await testEnvironment.send([work])).toMatchObject({ failed: [] });
    expect(testEnvironment.logged).toMatchObject([
      { level: 'warn', message: 'a queued message is gone' },
    ]);
  });

  test('of ended messages touches nothing but their state', async () => {
    const { testEnvironment, work } = await given();
    await testEnvironment.send([work]);
    const claims = {
      getHeld: () => Promise.reject(fault),
      everClaimedAround: () => Promise.reject(fault),
    };
    expect(
      (await testEnvironment.send([work], {}, { ...testEnvironment.ports, claims })).failed,
    ).toEqual([]);
  });
});

test('a message whose claim is malformed fails alone', async () => {
  const { testEnvironment, work } = await given();
  const bad = await testEnvironment.givenHeld('malformed.example');
  const other = await testEnvironment.givenAccepted(bad);
  testEnvironment.claims.getHeld = malformed(
    testEnvironment.claims.getHeld.bind(testEnvironment.claims),
    (keys) => keys.some(({ domain }) => domain === bad.domain),
  );
  const { failed } = await testEnvironment.send([other, work]);
  expect(failed).toEqual([0]);
  expect(testEnvironment.mailer.accepted).toHaveLength(1);
  const errors = testEnvironment.logged.filter(({ level }) => level === 'error');
  expect(errors).toMatchObject([{ message: 'a message cannot be processed' }]);
});

test('a mail has a line in the log each for signed and sent, with its id and that of the exit', async () => {
  const { testEnvironment, claim, work } = await given();
  await testEnvironment.send([work]);
  const { tenant, id: messageId } = work;
  const [key] = claim.keys;
  expect(testEnvironment.logged).toEqual([
    {
      level: 'info',
      message: 'a mail was signed',
      details: { tenant, messageId, domain: 'example.com', selector: 'zero', keyId: key.id },
    },
    {
      level: 'info',
      message: 'a mail was sent',
      details: { tenant, messageId, recipientBatch: 0, attempt: 1, exitId: 'ses-1' },
    },
  ]);
});
