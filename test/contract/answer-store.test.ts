import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dynamoAnswerStore } from '#shared/adapters/aws/answer-store.ts';
import type {
  AnswerStore,
  RepeatableRequest,
  StoredAnswer,
} from '#shared/app/ports/answer-store.ts';
import { givenTenant } from '../fakes/given-claim.ts';
import { MemoryAnswerStore } from '../fakes/answer-store.ts';
import { MemorySecretBox } from '../fakes/secret-box.ts';
import { startDynamo, type Dynamo } from '../support/dynamo.ts';

const at = (seconds: number) => new Date(Date.UTC(2026, 10, 20, 10) + seconds * 1_000);
const answer: StoredAnswer = {
  status: 201,
  headers: { 'content-type': 'application/json', location: '/v1/x/1' },
  body: '{"b":1,"a":"ü"}',
  isSecret: false,
};
const given = (changed: Partial<RepeatableRequest> = {}): RepeatableRequest => ({
  owner: givenTenant(),
  operation: 'createWebhook',
  key: 'ab'.repeat(32),
  fingerprint: 'cd'.repeat(32),
  run: 'first',
  ...changed,
});

function contract(start: () => AnswerStore) {
  test('a request is one run’s, until that has answered; then its answer is kept for a day', async () => {
    const store = start();
    const request = given();
    const again = { ...request, run: 'second' };
    expect(await store.begin(request, at(0))).toEqual({ kind: 'begun' });
    expect(await store.begin(again, at(1))).toEqual({
      kind: 'running',
      until: at(35).getTime(),
    });
    await store.finish(request, answer, at(2));
    expect(await store.begin(again, at(3))).toEqual({ kind: 'answered', answer });
    expect(await store.begin(again, at(24 * 3600))).toEqual({ kind: 'answered', answer });
    expect(await store.begin(again, at(24 * 3600 + 3))).toEqual({ kind: 'begun' });
  });

  test('a key is of one request, also after a run that ended without an answer', async () => {
    const store = start();
    const request = given();
    const other = { ...request, fingerprint: 'ef'.repeat(32), run: 'second' };
    await store.begin(request, at(0));
    expect(await store.begin(other, at(1))).toEqual({ kind: 'reused' });
    await store.finish(request, answer, at(2));
    expect(await store.begin(other, at(3))).toEqual({ kind: 'reused' });
  });

  test('owners and operations have keys of their own', async () => {
    const store = start();
    const request = given();
    for (const other of [
      request,
      { ...request, owner: givenTenant() },
      { ...request, operation: 'x' },
    ])
      expect(await store.begin(other, at(0))).toEqual({ kind: 'begun' });
  });

  test('a run that ended without an answer has the request no longer', async () => {
    const store = start();
    const request = given();
    const again = { ...request, run: 'second' };
    await store.begin(request, at(0));
    expect(await store.begin(again, at(35))).toEqual({ kind: 'begun' });
    await store.finish(request, { ...answer, body: 'late' }, at(36));
    await store.release(request);
    await store.finish(again, answer, at(37));
    expect(await store.begin({ ...request, run: 'third' }, at(38))).toEqual({
      kind: 'answered',
      answer,
    });
  });

  test('a request that was given up may begin at once, with another body too', async () => {
    const store = start();
    const request = given();
    await store.begin(request, at(0));
    await store.release(request);
    expect(await store.begin(given({ ...request, fingerprint: '00' }), at(1))).toEqual({
      kind: 'begun',
    });
  });

  test('of many runs at once one begins', async () => {
    const store = start();
    const request = given();
    const begun = await Promise.all(
      Array.from({ length: 20 }, (_, run) => store.begin({ ...request, run: String(run) }, at(0))),
    );
    expect(begun.filter(({ kind }) => kind === 'begun')).toHaveLength(1);
    expect(begun.filter(({ kind }) => kind === 'running')).toHaveLength(19);
  });
}

describe('the answer store in memory', () => {
  contract(() => new MemoryAnswerStore());
});

describe('the answer store on DynamoDB', () => {
  let dynamo: Dynamo;
  const box = new MemorySecretBox();
  beforeAll(async () => {
    dynamo = await startDynamo();
  });
  afterAll(() => dynamo.close());
  const store = (sealing?: MemorySecretBox) =>
    dynamoAnswerStore(dynamo.client, dynamo.tables.answers, sealing);

  contract(() => store(box));

  test('an answer with a secret is sealed, and given back as it was', async () => {
    const request = given();
    const secret = { ...answer, body: '{"secret":"whsec_x"}', isSecret: true };
    await store(box).begin(request, at(0));
    await store(box).finish(request, secret, at(1));
    expect(box.sealed).toBe(1);
    expect(await store(box).begin(given({ ...request, run: 'second' }), at(2))).toEqual({
      kind: 'answered',
      answer: secret,
    });
  });

  test('a function that seals nothing stores no secret', async () => {
    const request = given();
    await store().begin(request, at(0));
    const secret = { ...answer, isSecret: true };
    await expect(store().finish(request, secret, at(1))).rejects.toThrow('holds a secret');
  });
});
