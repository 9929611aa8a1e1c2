import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { s3MailStore } from '#shared/adapters/aws/mail-store.ts';
import { messageIdOf } from '#shared/core/model/names.ts';
import { type MailKey, type MailStore, ReplacedMail } from '#shared/app/ports/mail.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryMailStore } from '../fakes/mail-store.ts';
import { startQueues, type Queues } from '../support/queues.ts';

function givenKey(changes: Partial<MailKey> = {}): MailKey {
  const id = messageIdOf(randomBytes(16));
  return { tenant: givenTenant(), id, fingerprint: randomBytes(32).toString('hex'), ...changes };
}

function contract(make: () => MailStore) {
  let store: MailStore;
  beforeEach(() => {
    store = make();
  });

  test.each([1, 2_000, 4_500_000])(
    'a mail of %i octets is read back as it was put',
    async (size) => {
      const key = givenKey();
      const raw = randomBytes(size);
      await store.put(key, raw);
      expect((await store.get(key))?.equals(raw)).toBe(true);
    },
  );

  test('what was not put is not there', async () => {
    const key = givenKey();
    await store.put(key, Buffer.from('mail'));
    expect(await store.get({ ...key, tenant: givenTenant() })).toBeUndefined();
    expect(await store.get({ ...key, fingerprint: 'other' })).toBeUndefined();
  });

  test('another mail under the same id does not overwrite the first', async () => {
    const key = givenKey();
    await store.put(key, Buffer.from('first'));
    await store.put({ ...key, fingerprint: 'other' }, Buffer.from('second'));
    expect((await store.get(key))?.toString()).toBe('first');
  });

  test('a mail is read by the ETag it got, and no other one in its place', async () => {
    const key = givenKey();
    const etag = await store.put(key, Buffer.from('mail'));
    expect((await store.get(key, etag))?.toString()).toBe('mail');
    await store.put(key, Buffer.from('another'));
    await expect(store.get(key, etag)).rejects.toThrow(ReplacedMail);
    expect(await store.get(givenKey(), etag)).toBeUndefined();
  });

  test('putting the same again is safe', async () => {
    const key = givenKey();
    await store.put(key, Buffer.from('mail'));
    await store.put(key, Buffer.from('mail'));
    expect((await store.get(key))?.toString()).toBe('mail');
  });
}

describe('in memory', () => {
  contract(() => new MemoryMailStore());
});

describe('on S3', () => {
  let queues: Queues;
  beforeAll(async () => {
    queues = await startQueues();
    await queues.createBucket('mail');
  });
  afterAll(() => queues.close());
  contract(() => s3MailStore(queues.s3, 'mail'));
});
