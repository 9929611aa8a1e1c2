import type { DynamoDBRecord } from 'aws-lambda';
import { expect, test } from 'vitest';
import { logRevocations } from '../../../../lambdas/revocation-log/log-revocations.ts';
import { MemoryRevocationLedger } from '../../../fakes/revocation-ledger.ts';

const revokedAt = '2026-11-30T12:00:00.000Z';
const record = (keyId: string, sequence: string, eventName: 'INSERT' | 'REMOVE' = 'INSERT') =>
  ({
    eventName,
    dynamodb: {
      SequenceNumber: sequence,
      ...(eventName === 'INSERT'
        ? { NewImage: { keyId: { S: keyId }, revokedAt: { S: revokedAt } } }
        : {}),
    },
  }) as DynamoDBRecord;

async function run(records: DynamoDBRecord[], failing: Error[] = []) {
  const ledger = new MemoryRevocationLedger();
  ledger.failing.push(...failing);
  const logged: unknown[] = [];
  const failedFrom = await logRevocations({ ledger, log: (error) => logged.push(error) }, records);
  const written: string[] = [];
  for await (const { keyId } of ledger.since()) written.push(keyId);
  return { failedFrom, written, logged };
}

test('revocations are written in their order; a removal is none', async () => {
  expect(await run([record('k_1', '1'), record('k_1', '2', 'REMOVE'), record('k_2', '3')])).toEqual(
    { failedFrom: undefined, written: ['k_1', 'k_2'], logged: [] },
  );
});

test('a failure is logged, and the batch comes again from it', async () => {
  const out = new Error('S3 is out');

  expect(await run([record('k_1', '1'), record('k_2', '2')], [out])).toEqual({
    failedFrom: '1',
    written: [],
    logged: [out],
  });
});

test('an item that is no revocation is a failure', async () => {
  const broken = { eventName: 'INSERT', dynamodb: { SequenceNumber: '7', NewImage: {} } };

  const { failedFrom, logged } = await run([broken as DynamoDBRecord]);
  expect(failedFrom).toBe('7');
  expect(logged).toHaveLength(1);
});
