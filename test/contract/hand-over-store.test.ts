import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoHandOverStore } from '#shared/adapters/aws/hand-over-store.ts';
import type { HandOverStore } from '#shared/app/ports/hand-over-store.ts';
import { contactIdOf } from '#shared/core/model/contact.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import {
  newHandOver,
  revoked,
  withLink,
  withMailing,
  withoutMailing,
  type HandOver,
} from '#shared/core/model/hand-over.ts';
import type { MessageId } from '#shared/core/model/names.ts';
import { hashOfToken } from '#shared/core/model/share-link.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryHandOverStore } from '../fakes/hand-over-store.ts';
import { startDynamo } from '../support/dynamo.ts';

const now = new Date('2026-12-01T09:00:00.000Z');
let made = 0;
const bytes = (): Uint8Array => new Uint8Array(32).fill((made += 1));
const given = () => {
  const owner = givenTenant();
  const contact = contactIdOf(owner, 'ann@agency.example');
  return withLink(
    newHandOver({ owner, contact, page: 'https://api.example/p' }),
    bytes(),
    180,
    now,
  );
};

function contract(make: () => HandOverStore) {
  const store = () => make();

  test('is read back as it was written, by its contact and by each of its links', async () => {
    const { handOver, token } = given();
    await store().put(undefined, handOver);
    const mail = { day: 0, at: now.toISOString(), message: 'm_1' as MessageId } as const;
    const full: HandOver = {
      ...withMailing(withLink(handOver, bytes(), 180, now).handOver, now),
      mails: [{ ...mail, state: 'bounced', detail: 'no such user' }],
    };
    await store().put(handOver, full);
    expect(await store().get(handOver.owner, handOver.contact)).toEqual(full);
    for (const { hash } of full.links) expect(await store().byLink(hash)).toEqual(full);
    expect(await store().byLink(hashOfToken(token))).toEqual(full);
    const ended = withoutMailing(full, 'done', now);
    await store().put(full, ended);
    expect(await store().get(handOver.owner, handOver.contact)).toEqual(ended);
  });

  test('a link that is revoked finds nothing', async () => {
    const { handOver, token } = given();
    await store().put(undefined, handOver);
    await store().put(handOver, revoked(handOver, now));
    expect(await store().byLink(hashOfToken(token))).toBeUndefined();
    expect(await store().byLink('0'.repeat(64))).toBeUndefined();
  });

  test('one of two writers at once is refused', async () => {
    const { handOver } = given();
    await store().put(undefined, handOver);
    await expect(store().put(undefined, handOver)).rejects.toThrow(Conflict);
    const [one, other] = [withLink(handOver, bytes(), 1, now), withLink(handOver, bytes(), 1, now)];
    await store().put(handOver, one.handOver);
    await expect(store().put(handOver, other.handOver)).rejects.toThrow(Conflict);
    expect(await store().byLink(hashOfToken(other.token))).toBeUndefined();
  });

  test('is due while its mailing is, the longest due first', async () => {
    const all = [3, 1, 2].map((hour) => {
      const { handOver } = given();
      const at = new Date(now.getTime() - hour * 3_600_000);
      return withMailing(handOver, at);
    });
    for (const one of all) await store().put(undefined, one);
    const mine = new Set(all.map(({ owner }) => owner));
    const due = async (at: Date) =>
      (await store().due(at.toISOString(), 100)).filter(({ owner }) => mine.has(owner));
    expect(await due(now)).toEqual([all[0], all[2], all[1]]);
    expect(await due(new Date(now.getTime() - 2 * 3_600_000))).toEqual([all[0], all[2]]);
    await store().put(all[0], withoutMailing(all[0]!, 'stopped', now));
    expect(await due(now)).toEqual([all[2], all[1]]);
  });
}

describe('in memory', () => {
  const store = new MemoryHandOverStore();
  contract(() => store);
});

describe('in DynamoDB', () => {
  let dynamo: Awaited<ReturnType<typeof startDynamo>>;
  let store: HandOverStore;
  beforeAll(async () => {
    dynamo = await startDynamo();
    store = dynamoHandOverStore(dynamo.client, dynamo.tables.handOvers, dynamo.trail);
  });
  afterAll(() => dynamo.close());
  contract(() => store);
});
