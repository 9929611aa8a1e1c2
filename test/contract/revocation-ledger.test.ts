import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { s3RevocationLedger } from '#shared/adapters/aws/revocation-ledger.ts';
import type { KeyId } from '#shared/core/model/names.ts';
import type { RevocationLedger } from '#shared/app/ports/revocation-ledger.ts';
import { MemoryRevocationLedger } from '../fakes/revocation-ledger.ts';
import { startQueues, type Queues } from '../support/queues.ts';

let queues: Queues;
let buckets = 0;
beforeAll(async () => {
  queues = await startQueues();
});
afterAll(() => queues.close());

const onS3 = async (): Promise<RevocationLedger> => {
  const bucket = `revocations-${(buckets += 1)}`;
  await queues.createBucket(bucket);
  return s3RevocationLedger(queues.s3, bucket);
};

const at = (minute: number) => `2026-11-30T12:${String(minute).padStart(2, '0')}:00.000Z`;
const idsOf = async (revocations: AsyncIterable<{ keyId: KeyId }>): Promise<string[]> => {
  const ids: string[] = [];
  for await (const { keyId } of revocations) ids.push(keyId);
  return ids;
};

describe.each<[string, () => Promise<RevocationLedger>]>([
  ['in memory', async () => new MemoryRevocationLedger()],
  ['on S3', onS3],
])('RevocationLedger %s', (_name, make) => {
  test('has what was added, in the order of time, from any time on', async () => {
    const ledger = await make();
    for (const minute of [3, 1, 2]) {
      await ledger.add({ keyId: `k_${minute}` as KeyId, revokedAt: at(minute) });
    }

    expect(await idsOf(ledger.since())).toEqual(['k_1', 'k_2', 'k_3']);
    expect(await idsOf(ledger.since(at(2)))).toEqual(['k_2', 'k_3']);
    expect(await idsOf(ledger.since(at(4)))).toEqual([]);
  });

  test('takes one that it has without a word', async () => {
    const ledger = await make();
    await ledger.add({ keyId: 'k_1' as KeyId, revokedAt: at(1) });
    await ledger.add({ keyId: 'k_1' as KeyId, revokedAt: at(1) });

    expect(await idsOf(ledger.since())).toEqual(['k_1']);
  });

  test('has more than one page', async () => {
    const ledger = await make();
    const all = Array.from({ length: 1_010 }, (_, index) => `k_${String(index).padStart(5, '0')}`);
    for (const keyId of all) await ledger.add({ keyId: keyId as KeyId, revokedAt: at(1) });

    expect(await idsOf(ledger.since())).toEqual(all);
  });
});

test('an object that is no revocation hides none, and nobody has to delete it', async () => {
  const ledger = await onS3();
  await ledger.add({ keyId: 'k_1' as KeyId, revokedAt: at(1) });
  await queues.s3.send(
    new PutObjectCommand({ Bucket: `revocations-${buckets}`, Key: 'revoked/x', Body: '-' }),
  );

  expect(await idsOf(ledger.since())).toEqual(['k_1']);
});
