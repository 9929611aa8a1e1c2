import { afterAll, beforeAll, expect, test } from 'vitest';
import { dynamoCanaryArrivals } from '#shared/adapters/aws/canary-arrivals.ts';
import { canaryIdOf } from '#shared/core/mail/canary.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

let dynamo: Dynamo;
beforeAll(async () => {
  dynamo = await startDynamo();
});
afterAll(() => dynamo?.close());

test('a canary that was noted is there, and no other', async () => {
  const arrivals = dynamoCanaryArrivals(dynamo.client, dynamo.tables.reports);
  const [one, other] = [canaryIdOf(Buffer.alloc(16, 1)), canaryIdOf(Buffer.alloc(16, 2))];
  const arrival = { id: one, at: '2026-11-30T12:00:05.000Z', verified: true };

  await arrivals.note({ ...arrival, verified: false });
  await arrivals.note(arrival);

  expect(await arrivals.get(one)).toEqual(arrival);
  expect(await arrivals.get(other)).toBeUndefined();
});
