import * as z from 'zod';
import { beforeEach, describe, expect, test } from 'vitest';
import { answeredOnce } from '#shared/api/answered-once.ts';
import { json, problemResult, type ApiResult } from '#shared/api/http.ts';
import { routes } from '#shared/api/routes/index.ts';
import { takesIdempotencyKey, type Route } from '#shared/api/routes/route.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { MemoryAnswerStore } from '../../fakes/answer-store.ts';
import { givenEvent } from './given-event.ts';

let answers: MemoryAnswerStore;
let now: number;
let runs: number;
let logged: unknown[];
let requests: number;
beforeEach(() => {
  answers = new MemoryAnswerStore();
  now = Date.parse('2026-11-20T10:00:00.000Z');
  runs = 0;
  logged = [];
  requests = 0;
});

const refusalOf = (sent: Promise<ApiResult>): Promise<unknown> =>
  sent.catch((error: unknown) => error);

interface Sent {
  readonly key?: string;
  readonly body?: string;
  readonly path?: string;
  readonly tenant?: string;
  readonly operation?: string;
  readonly route?: Route;
}

/** Sends a request; its work answers with the number of the run, unless the test gives another. */
function send(
  { key = 'k', body = '{"b":1,"a":2}', path = '/v1/webhooks', ...rest }: Sent = {},
  run: () => Promise<ApiResult> = async () => json(201, { z: runs, a: 'ü' }, { location: '/x' }),
): Promise<ApiResult> {
  const { tenant = 't_a', operation = 'createWebhook', route = routes.createWebhook } = rest;
  requests += 1;
  const plain = givenEvent({
    method: 'POST',
    path,
    body,
    headers: key === '' ? {} : { 'idempotency-key': key },
  });
  const requestContext = { ...plain.requestContext, requestId: `r${requests}` };
  const event = { ...plain, requestContext };
  const asked = { operation, route, event, owner: tenant as TenantId };
  return answeredOnce(
    asked,
    { answers, clock: { now: () => new Date(now) } },
    () => {
      runs += 1;
      return run();
    },
    (error) => logged.push(error),
  );
}

test('a repetition has the answer that the request had, octet for octet, and runs nothing', async () => {
  const first = await send();
  const second = await send();
  expect(second.body).toBe(first.body);
  expect(second.statusCode).toBe(201);
  expect(second.headers).toEqual({ ...first.headers, 'idempotent-replayed': 'true' });
  expect(runs).toBe(1);
});

test('a request without the header writes nothing, one with it twice, its repetition once', async () => {
  await send({ key: '' });
  expect([runs, answers.writes]).toEqual([1, 0]);
  await send();
  expect([runs, answers.writes]).toEqual([2, 2]);
  await send();
  expect([runs, answers.writes]).toEqual([2, 3]);
});

test('a use case that knows its requests again is left to it', async () => {
  await send({ route: routes.submitMessage });
  await send({ route: routes.submitMessage });
  expect([runs, answers.writes]).toEqual([2, 0]);
});

test.each([
  ['body', { body: '{"a":2,"b":1}' }],
  ['path', { path: '/v1/webhooks/other' }],
])('the same key with another %s is refused, and runs nothing', async (_, other) => {
  await send();
  expect(await refusalOf(send(other))).toMatchObject({ code: 'idempotency-key-reused' });
  expect(runs).toBe(1);
});

test.each([
  ['tenant', { tenant: 't_b' }],
  ['operation', { operation: 'issueApiKey' }],
])('another %s has keys of its own', async (_, other) => {
  await send();
  await send(other);
  expect(runs).toBe(2);
});

describe('while a request is under way', () => {
  test('its repetition has to wait, and gets the answer then', async () => {
    let answer!: (result: ApiResult) => void;
    const first = send({}, () => new Promise((resolve) => (answer = resolve)));
    await new Promise(setImmediate);
    const refused = await refusalOf(send());
    expect(refused).toMatchObject({ code: 'request-in-progress', retryAfter: 2 });
    expect(problemResult(refused)).toMatchObject({
      statusCode: 409,
      headers: { 'retry-after': '2' },
    });
    answer(json(200, {}));
    await first;
    expect((await send()).body).toBe('{}');
    expect(runs).toBe(1);
  });

  test('of 20 at once one runs', async () => {
    const results = await Promise.allSettled(Array.from({ length: 20 }, () => send()));
    expect(runs).toBe(1);
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(0);
  });
});

describe('a request that was not answered', () => {
  test.each([
    ['refusal', new Refusal('webhook-invalid', 'no')],
    ['failure', new Error('broken')],
  ])('since it ended in a %s runs again, with another body too', async (_, error) => {
    await expect(send({}, () => Promise.reject(error))).rejects.toBe(error);
    await send({ body: '{}' });
    expect(runs).toBe(2);
  });

  test('since its function ended runs again after 35 seconds', async () => {
    void send({}, () => new Promise(() => {}));
    await new Promise(setImmediate);
    now += 34_000;
    expect(await refusalOf(send())).toMatchObject({ code: 'request-in-progress' });
    now += 1_000;
    expect(await send()).toMatchObject({ statusCode: 201 });
    expect(runs).toBe(2);
  });

  test('because the answer could not be stored is answered nevertheless, and runs again later', async () => {
    answers.finish = () => Promise.reject(new Error('the table is gone'));
    expect(await send()).toMatchObject({ statusCode: 201 });
    expect(logged).toHaveLength(1);
    now += 35_000;
    await send();
    expect(runs).toBe(2);
  });
});

test('every route whose answer has a secret has it sealed', () => {
  const secret = /"(?:secret|key|url|token)":\{"type":"string"/;
  const holding = Object.entries<Route>(routes).filter(
    ([operation, { method, answer }]) =>
      method === 'POST' &&
      answer.json !== undefined &&
      secret.test(JSON.stringify(z.toJSONSchema(answer.json))) &&
      takesIdempotencyKey(routes[operation as keyof typeof routes]),
  );
  const sealed = Object.entries<Route>(routes).filter(([, route]) => route.answersSecret);
  expect(sealed.map(([operation]) => operation)).toEqual(holding.map(([operation]) => operation));
});
