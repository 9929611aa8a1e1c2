import { GetCommand } from '@aws-sdk/lib-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import { MemoryRevokedKeys } from '../fakes/revoked-keys.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo.close());

const onDynamo = () => dynamoRevokedKeys(dynamo.client, dynamo.tables.revokedKeys);

describe.each<[string, () => RevokedKeys]>([
  ['in memory', () => new MemoryRevokedKeys()],
  ['on DynamoDB', onDynamo],
])('RevokedKeys %s', (_name, make) => {
  test('returns which of many ids are revoked', async () => {
    const revokedKeys = make();
    const ids = Array.from({ length: 250 }, (_, index) => `k_${index}`);
    const revoked = ids.filter((_, index) => index % 7 === 0);
    for (const id of revoked) await revokedKeys.add(id, '2026-11-01T00:00:00.000Z');

    expect(await revokedKeys.among([...ids, ids[0]!])).toEqual(new Set(revoked));
    expect(await revokedKeys.among(['k_1'])).toEqual(new Set());
    expect(await revokedKeys.among([])).toEqual(new Set());
  });

  test('takes an id that was revoked before without a word', async () => {
    const revokedKeys = make();
    await revokedKeys.add('k_again', '2026-11-01T00:00:00.000Z');
    await revokedKeys.add('k_again', '2026-11-02T00:00:00.000Z');

    expect(await revokedKeys.among(['k_again'])).toEqual(new Set(['k_again']));
  });
});

test('RevokedKeys on DynamoDB keeps the first time of a revocation', async () => {
  await onDynamo().add('k_first', '2026-11-01T00:00:00.000Z');
  await onDynamo().add('k_first', '2026-11-02T00:00:00.000Z');

  const { Item } = await dynamo.client.send(
    new GetCommand({ TableName: dynamo.tables.revokedKeys, Key: { keyId: 'k_first' } }),
  );
  expect(Item).toEqual({ keyId: 'k_first', revokedAt: '2026-11-01T00:00:00.000Z' });
});
