import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { describe, expect, test } from 'vitest';
import { Throttled } from '#shared/core/model/errors.ts';
import { messageStatus, unclearAttempts } from '#shared/core/model/message.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { malformed } from '../../../fakes/malformed.ts';
import { givenTenant } from '../../../fakes/given-claim.ts';
import { addresses, mailFrom, publicKey, start, World } from './world.ts';

const outage = Object.assign(new Error('no answer'), { $metadata: { httpStatusCode: 503 } });
const fault = new TypeError('undefined is not a mail');

async function given(changes: Parameters<World['givenAccepted']>[1] = {}) {
  const world = new World();
  const claim = await world.givenHeld('example.com');
  const work = await world.givenAccepted(claim, changes);
  const stored = async () => (await world.messages.get(work.tenant, work.id))!;
  const status = async () => {
    const { message, recipientBatches } = await stored();
    return messageStatus(message, recipientBatches);
  };
  const header = () => {
    const raw = world.mailer.accepted[0]!.raw;
    return raw.subarray(0, raw.indexOf('\r\n\r\n')).toString('latin1');
  };
  return { world, claim, work, stored, status, header };
}

describe('a mail of a held domain', () => {
  test('goes out with a signature that another verifier accepts', async () => {
    const { world, claim, work, stored, status } = await given();
    const { failed, counts } = await world.send([work]);
    expect(failed).toEqual([]);
    expect(await status()).toBe('sent');
    expect(world.outbound.sent).toEqual([]);
    expect(counts).toEqual(new Map([['MessagesSent', 1]]));
    const key = claim.keys[0];
    expect((await stored()).message.signed).toEqual({
      at: start.toISOString(),
      signature: { domain: 'example.com', selector: 'zero', keyId: key.id },
    });
    const asked: string[] = [];
    const { results } = await dkimVerify(world.mailer.accepted[0]!.raw, {
      curTime: world.now,
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
    const { world, work, header } = await given({ raw });
    await world.send([work]);
    expect(header()).not.toMatch(/^(x-ses|return-path|bcc|bounces-to)/im);
    expect(header().match(/^dkim-signature:/gim)).toHaveLength(1);
    expect(header()).toMatch(/^mime-version: 1\.0$/im);
    expect(world.mailer.accepted[0]!.raw.toString()).toMatch(/\r\n\r\nbare line ends\r\n$/);
  });

  test('120 recipients go out in three calls under the From domain, tagged, signed once', async () => {
    const { world, work } = await given({ recipients: 120 });
    await world.send([work]);
    const calls = world.mailer.accepted.map(({ envelope }) => envelope);
    expect(calls.map(({ recipients }) => recipients.length)).toEqual([50, 50, 20]);
    expect(calls.flatMap(({ recipients }) => recipients)).toEqual(addresses(120));
    expect(new Set(calls.map(({ source }) => source))).toEqual(new Set(['bounces@example.com']));
    expect(calls[1]!.tags).toEqual({
      tenant: work.tenant,
      message: work.id,
      recipientBatch: 1,
      attempt: 1,
    });
    const copies = world.mailer.accepted.map(({ raw }) => raw.toString('latin1'));
    expect(new Set(copies).size).toBe(1);
  });

  test('that it sent is noted, and a failure to note it fails nothing', async () => {
    const { world, claim, work } = await given();
    await world.send([work]);
    expect(world.sent).toEqual([{ label: claim.label, at: start.toISOString() }]);
    const other = await world.givenAccepted(claim);
    const sendingLog = { noteSent: () => Promise.reject(outage) };
    const { failed } = await world.send([other], {}, { ...world.ports, sendingLog });
    expect(failed).toEqual([]);
    expect(world.mailer.accepted).toHaveLength(2);
  });

  test('whose h= would be too long is refused with the reason, not retried', async () => {
    const lists = 'List-Id: <a.example.com>\r\n'.repeat(600);
    const { world, work, stored, status } = await given({
      raw: Buffer.concat([Buffer.from(lists), mailFrom('example.com')]),
    });
    expect((await world.send([work])).failed).toEqual([]);
    expect(await status()).toBe('refused');
    expect((await stored()).recipientBatches[0]!.reason).toMatch(/DKIM-Signature field would be/);
    expect(world.mailer.accepted).toEqual([]);
  });

  test('that is stored under another From is never sent under this name', async () => {
    const { world, work } = await given({ raw: mailFrom('other.example') });
    expect((await world.send([work])).failed).toEqual([0]);
    expect(world.mailer.accepted).toEqual([]);
  });

  test('that is no longer stored is refused', async () => {
    const { world, work, stored } = await given();
    world.pass(30 * 24 * 60 * 60);
    await world.send([work]);
    expect((await stored()).recipientBatches[0]).toMatchObject({
      state: 'refused',
      reason: 'The mail could not be sent within the 30 days that it is kept for.',
    });
  });
});

describe('permission is asked again when the mail is sent', () => {
  test('a claim lost meanwhile: refused with the reason, nothing sent, also not unsigned', async () => {
    const { world, claim, work, stored, status } = await given();
    const lost = { ...claim, version: claim.version + 1, status: 'lost' as const };
    await world.claims.update(claim, lost);
    const unsignedAllowed = new Set(['example.com']);
    const { counts } = await world.send([work], { unsignedAllowed });
    expect(await status()).toBe('refused');
    expect((await stored()).recipientBatches[0]!.reason).toMatch(
      /^Mail from example\.com cannot be sent: it is not a verified domain of this account/,
    );
    expect(world.mailer.accepted).toEqual([]);
    expect(counts.get('MessagesRefused')).toBe(1);
  });

  test('the reason is the same whether nobody or somebody else holds the domain', async () => {
    const { world, stored } = await given();
    const stranger = givenTenant();
    const reasons: (string | undefined)[] = [];
    for (const domain of ['example.com', 'nobody.example'] as DomainName[]) {
      const work = await world.givenAccepted({ tenant: stranger, domain });
      await world.send([work]);
      reasons.push((await world.recipientBatches(work))[0]!.reason?.replace(domain, 'D'));
    }
    expect(reasons[0]).toBe(reasons[1]);
    expect((await stored()).recipientBatches[0]!.state).toBe('queued');
  });

  test('Sender must be held too', async () => {
    const { world, claim } = await given();
    const senderDomain = 'news.example.org' as DomainName;
    const foreign = await world.givenAccepted(claim, { senderDomain });
    await world.send([foreign]);
    expect((await world.recipientBatches(foreign))[0]).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/^The Sender field names news\.example\.org/) as string,
    });
    await world.givenHeld(senderDomain, { tenant: claim.tenant });
    const own = await world.givenAccepted(claim, { senderDomain });
    await world.send([own]);
    expect((await world.recipientBatches(own))[0]!.state).toBe('sent');
  });

  test('a domain on the operator’s list goes out unsigned, unless a claim was ever made around it', async () => {
    const { world, claim } = await given();
    const unsignedAllowed = new Set(['plain.example', 'sub.example.com']);
    const send = async (domain: string) => {
      world.mailer.verify(domain);
      const author = { tenant: claim.tenant, domain: domain as DomainName };
      const work = await world.givenAccepted(author);
      await world.send([work], { unsignedAllowed });
      return (await world.messages.get(work.tenant, work.id))!;
    };
    const plain = await send('plain.example');
    expect(plain.recipientBatches[0]!.state).toBe('sent');
    expect(plain.message.signed?.signature).toBe('unsigned');
    expect(world.mailer.accepted[0]!.raw.toString()).not.toMatch(/dkim-signature/i);
    expect((await send('sub.example.com')).recipientBatches[0]!.state).toBe('refused');
    expect((await send('unlisted.example')).recipientBatches[0]!.state).toBe('refused');
  });

  test('a revoked key signs nothing: the mail waits', async () => {
    const { world, claim, work, stored } = await given();
    await world.revokedKeys.add(claim.keys[0].id, start.toISOString());
    expect((await world.send([work])).failed).toEqual([]);
    expect((await stored()).recipientBatches[0]!.state).toBe('queued');
    const [first] = world.outbound.take();
    expect(first).toMatchObject({ request: { ...work, waits: 1 } });
    expect(first!.delaySeconds).toBeLessThanOrEqual(4);
    // Where no other key takes over at once, the waits grow.
    await world.send([{ ...work, waits: 9 }]);
    expect(world.outbound.take()[0]!.delaySeconds).toBeGreaterThanOrEqual(200);
  });

  test('a claim without a current key: the mail waits', async () => {
    const { world, claim, work } = await given();
    const [zero, one, two] = claim.keys;
    const keys = [{ ...zero, state: 'revoked' as const }, one, two] as const;
    await world.claims.update(claim, { ...claim, version: claim.version + 1, keys });
    await world.send([work]);
    expect(world.mailer.accepted).toEqual([]);
    expect(world.outbound.take()).toMatchObject([{ request: { ...work, waits: 1 } }]);
  });
});

describe('what SES answers', () => {
  test('a throttle: the mail is queued afresh with a growing delay, and goes out later', async () => {
    const { world, work, status } = await given({ recipients: 120 });
    world.mailer.faults.push('throttle');
    const { failed, counts } = await world.send([work]);
    expect(failed).toEqual([]);
    expect(counts).toEqual(new Map([['SendThrottled', 1]]));
    const [first] = world.outbound.take();
    expect(first).toEqual({ request: { ...work, waits: 1 }, delaySeconds: 2 });
    world.pass(2);
    world.mailer.faults.push('throttle');
    await world.send([first!.request]);
    const [second] = world.outbound.take();
    expect(second).toEqual({ request: { ...work, waits: 2 }, delaySeconds: 3 });
    await world.send([second!.request]);
    expect(await status()).toBe('sent');
    expect(world.mailer.accepted).toHaveLength(3);
    expect(unclearAttempts(await world.recipientBatches(work))).toBe(0);
  });

  test('the back-off stays within what SQS can delay', async () => {
    const { world, work } = await given();
    world.mailer.faults.push('throttle');
    await world.send([{ ...work, waits: 1_000 }], {}, { ...world.ports, jitter: () => 0.9999 });
    expect(world.outbound.take()[0]!.delaySeconds).toBeLessThanOrEqual(900);
  });

  test('after a throttle nothing else of the batch is tried', async () => {
    const { world, claim, work } = await given();
    const others = [await world.givenAccepted(claim), await world.givenAccepted(claim)];
    world.mailer.faults.push('throttle');
    await world.send([work, ...others]);
    const tried = 3 - world.outbound.take().length;
    expect(world.mailer.accepted).toHaveLength(tried);
    expect(tried).toBeLessThan(3);
  });

  test('a refusal ends on the status, not in a retry loop', async () => {
    const { world, work, stored, status } = await given();
    const mailer = new World().mailer;
    const { counts } = await world.send([work], {}, { ...world.ports, mailer });
    expect(await status()).toBe('refused');
    expect((await stored()).recipientBatches[0]!.reason).toMatch(
      /not verified: bounces@example\.com/,
    );
    expect(world.outbound.sent).toEqual([]);
    expect(counts.get('MessagesRefused')).toBe(1);
    expect(world.bus.events).toMatchObject([
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

  test('what could not be told is told, by the same id, when the message comes again', async () => {
    const { world, work } = await given();
    const mailer = new World().mailer;
    world.bus.failing.push(new Throttled('EventBridge'));
    const ports = { ...world.ports, mailer };
    expect((await world.send([work], {}, ports)).failed).toEqual([]);
    expect(world.bus.events).toEqual([]);
    const [again] = world.outbound.take();
    await world.send([again!.request], {}, ports);
    await world.send([again!.request], {}, ports);
    expect(world.bus.events).toHaveLength(2);
    expect(new Set(world.bus.events.map(({ id }) => id)).size).toBe(1);
  });

  test('a broken connection is unclear; no event for 15 min: sent again, and counted', async () => {
    const { world, work, status } = await given();
    world.mailer.faults.push('reset-before');
    const first = await world.send([work]);
    expect(await status()).toBe('unclear');
    expect(first.counts.get('UnclearAttempts')).toBeUndefined();
    expect(world.bus.events).toMatchObject([
      { type: 'message.unclear', data: { message: work.id, recipient: 'r0@example.net' } },
    ]);
    expect(world.outbound.take()).toEqual([{ request: work, delaySeconds: 900 }]);
    world.pass(899);
    await world.send([work]);
    expect(world.outbound.take()).toEqual([{ request: work, delaySeconds: 1 }]);
    world.pass(1);
    const last = await world.send([work]);
    expect(last.counts.get('UnclearAttempts')).toBe(1);
    expect(await status()).toBe('sent');
    expect(world.mailer.accepted).toHaveLength(1);
    expect(world.mailer.accepted[0]!.envelope.tags.attempt).toBe(2);
    expect(unclearAttempts(await world.recipientBatches(work))).toBe(1);
  });

  test('a broken connection after SES took the mail: its event settles it, nothing is doubled', async () => {
    const { world, work, status } = await given();
    world.mailer.faults.push('reset-after');
    await world.send([work]);
    expect(await status()).toBe('unclear');
    await world.tell(world.mailer.accepted[0]!);
    expect(await status()).toBe('sent');
    world.pass(901);
    await world.send([work]);
    expect(world.mailer.accepted).toHaveLength(1);
    expect(unclearAttempts(await world.recipientBatches(work))).toBe(0);
  });

  test('under the policy `hold` an unclear recipient batch stays so, counted and logged', async () => {
    const { world, work, status } = await given();
    world.mailer.faults.push('reset-before');
    await world.send([work], { unclearPolicy: 'hold' });
    world.outbound.take();
    world.pass(901);
    const { counts, failed } = await world.send([work], { unclearPolicy: 'hold' });
    expect(await status()).toBe('unclear');
    expect({ failed, queued: world.outbound.sent }).toEqual({ failed: [], queued: [] });
    expect(counts.get('UnclearAttempts')).toBe(1);
    expect(world.logged.some(({ level }) => level === 'error')).toBe(true);
  });

  test('a claim lost while a recipient batch is unclear: refused after the waiting time, the attempt counted', async () => {
    const { world, claim, work } = await given();
    world.mailer.faults.push('reset-before');
    await world.send([work]);
    const lost = { ...claim, version: claim.version + 1, status: 'lost' as const };
    await world.claims.update(claim, lost);
    await world.send([work]);
    expect((await world.recipientBatches(work))[0]!.state).toBe('unclear');
    world.pass(901);
    await world.send([work]);
    expect((await world.recipientBatches(work))[0]).toMatchObject({
      state: 'refused',
      unclearAttempts: 1,
    });
    expect(world.mailer.accepted).toEqual([]);
  });
});

describe('what must wait is queued afresh, so that waiting uses up no receives', () => {
  test('KMS out', async () => {
    const { world, work, status } = await given();
    world.vault.failing.push(new Throttled('KMS'));
    expect((await world.send([work])).failed).toEqual([]);
    const [again] = world.outbound.take();
    expect(again).toEqual({ request: { ...work, waits: 1 }, delaySeconds: 2 });
    await world.send([again!.request]);
    expect(await status()).toBe('sent');
  });

  test.each(['messages', 'claims', 'revokedKeys', 'mails'] as const)('%s out', async (port) => {
    const { world, work } = await given();
    const out = new Proxy(world.ports[port], { get: () => () => Promise.reject(outage) });
    const { failed } = await world.send([work], {}, { ...world.ports, [port]: out });
    expect(failed).toEqual([]);
    expect(world.outbound.take()).toMatchObject([{ request: { ...work, waits: 1 } }]);
    expect(world.mailer.accepted).toEqual([]);
  });

  test('with the queue out too, the message is handed back', async () => {
    const { world, work } = await given();
    world.vault.failing.push(new Throttled('KMS'));
    world.outbound.failing.push(outage);
    expect((await world.send([work])).failed).toEqual([0]);
  });

  test('past the deadline no attempt begins', async () => {
    const { world, work } = await given();
    const ports = { ...world.ports, clock: { now: () => new Date(start.getTime() + 30_000) } };
    await world.send([work], {}, ports);
    expect(world.mailer.accepted).toEqual([]);
    expect(world.outbound.take()).toEqual([{ request: work, delaySeconds: 0 }]);
  });

  test('a fault of ours hands back the one message, the others go out', async () => {
    const { world, claim, work } = await given();
    const bad = await world.givenAccepted(claim);
    const mails: typeof world.ports.mails = {
      get: (key) => (key.id === bad.id ? Promise.reject(fault) : world.mails.get(key)),
    };
    const good = await world.givenAccepted(claim);
    const { failed } = await world.send([work, bad, good], {}, { ...world.ports, mails });
    expect(failed).toEqual([1]);
    expect(world.mailer.accepted).toHaveLength(2);
  });
});

describe('a batch', () => {
  test('shares one read of claims, one of revoked keys, and one unwrapped key', async () => {
    const { world, claim, work } = await given();
    const works = [work];
    for (let more = 0; more < 9; more += 1) works.push(await world.givenAccepted(claim));
    const reads: string[] = [];
    const claims = {
      getHeld: (keys: Parameters<typeof world.claims.getHeld>[0]) => {
        reads.push(`claims ${keys.length}`);
        return world.claims.getHeld(keys);
      },
      everClaimedAround: () => Promise.reject(fault),
    };
    const revokedKeys = {
      among: (ids: readonly string[]) => {
        reads.push(`revoked ${ids.length}`);
        return world.revokedKeys.among(ids);
      },
    };
    await world.send(works, {}, { ...world.ports, claims, revokedKeys });
    expect(world.mailer.accepted).toHaveLength(10);
    expect(reads).toEqual(['claims 1', 'revoked 1']);
    expect(world.vault.unwraps).toBe(1);
  });

  test('a lease that was written, though the write was answered as refused, is used', async () => {
    const { world, work, status } = await given();
    let answers = 0;
    const messages: typeof world.ports.messages = {
      create: world.messages.create.bind(world.messages),
      get: world.messages.get.bind(world.messages),
      recipientBatch: world.messages.recipientBatch.bind(world.messages),
      noteSigned: world.messages.noteSigned.bind(world.messages),
      moveRecipientBatch: async (...args) => {
        const moved = await world.messages.moveRecipientBatch(...args);
        return moved && (answers += 1) > 1;
      },
    };
    await world.send([work], {}, { ...world.ports, messages });
    expect(await status()).toBe('sent');
    expect(world.outbound.sent).toEqual([]);
  });

  test('that holds one message twice sends it once', async () => {
    const { world, work } = await given();
    await world.send([work, work]);
    expect(world.mailer.accepted).toHaveLength(1);
  });

  test('a message that is gone is dropped with a log line', async () => {
    const { world, work } = await given();
    world.messages.expire(work.tenant, work.id);
    expect(await world.send([work])).toMatchObject({ failed: [] });
    expect(world.logged).toMatchObject([{ level: 'warn', message: 'a queued message is gone' }]);
  });

  test('of ended messages touches nothing but their state', async () => {
    const { world, work } = await given();
    await world.send([work]);
    const claims = {
      getHeld: () => Promise.reject(fault),
      everClaimedAround: () => Promise.reject(fault),
    };
    expect((await world.send([work], {}, { ...world.ports, claims })).failed).toEqual([]);
  });
});

test('a message whose claim is malformed fails alone', async () => {
  const { world, work } = await given();
  const bad = await world.givenHeld('malformed.example');
  const other = await world.givenAccepted(bad);
  world.claims.getHeld = malformed(world.claims.getHeld.bind(world.claims), (keys) =>
    keys.some(({ domain }) => domain === bad.domain),
  );
  const { failed } = await world.send([other, work]);
  expect(failed).toEqual([0]);
  expect(world.mailer.accepted).toHaveLength(1);
  expect(world.logged).toMatchObject([{ message: 'a message cannot be processed' }]);
});
