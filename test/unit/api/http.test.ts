import { describe, expect, test } from 'vitest';
import * as z from 'zod';
import { bodyOf, problemResult, readJson } from '#shared/api/http.ts';
import { isInternal, problemOf } from '#shared/api/problem.ts';
import { Conflict, Refusal, refusalStatus, Throttled } from '#shared/core/model/errors.ts';
import { givenEvent } from './given-event.ts';

const schema = z.strictObject({ name: z.string() });
const json = { 'content-type': 'application/json' };
const read = (body: string | Buffer | undefined, headers: Record<string, string> = json) =>
  readJson(givenEvent({ headers, ...(body === undefined ? {} : { body }) }), schema);

describe('readJson', () => {
  test.each([
    ['text', '{"name":"a"}'],
    ['base64', Buffer.from('{"name":"a"}')],
  ])('reads a body that came as %s', (_, body) => {
    expect(read(body)).toEqual({ name: 'a' });
    expect(read(body, { 'content-type': 'Application/JSON; charset=utf-8' })).toEqual({
      name: 'a',
    });
  });

  test.each<[string, string | Buffer | undefined, string, string]>([
    ['nothing', undefined, 'invalid-json', 'JSON'],
    ['broken JSON', '{"name":', 'invalid-json', 'JSON'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'invalid-json', 'not UTF-8'],
    ['a number for a string', '{"name":1}', 'invalid-body', '"name"'],
    ['no name', '{}', 'invalid-body', '"name"'],
    ['an unknown field', '{"name":"a","x":1}', 'invalid-body', 'x'],
    ['an array', '[]', 'invalid-body', 'the body'],
    ['null', 'null', 'invalid-body', 'the body'],
    ['5 MB', JSON.stringify({ name: 'a'.repeat(5_000_000) }), 'payload-too-large', '65536'],
  ])('refuses %s', (_, body, code, words) => {
    expect(() => read(body)).toThrow(expect.objectContaining({ code }));
    expect(() => read(body)).toThrow(words);
  });

  test.each<Record<string, string>>([
    {},
    { 'content-type': 'text/plain' },
    { 'content-type': 'application/xml' },
  ])('refuses the content type of %j', (headers) => {
    expect(() => read('{"name":"a"}', headers)).toThrow(
      expect.objectContaining({ code: 'unsupported-media-type' }),
    );
  });
});

test('a body of raw octets arrives as they were', () => {
  const octets = Buffer.from([0, 255, 13, 10]);
  expect(bodyOf(givenEvent({ body: octets }))).toEqual(octets);
  expect(bodyOf(givenEvent({ body: 'ü' }))).toEqual(Buffer.from('ü'));
  expect(bodyOf(givenEvent())).toEqual(Buffer.alloc(0));
});

describe('problems', () => {
  test('a refusal is answered with its status, words and code', () => {
    expect(problemOf(new Refusal('too-many-requests', 'Wait.', 2))).toEqual({
      type: 'urn:sender-domains:problem:too-many-requests',
      title: 'Too Many Requests',
      status: 429,
      detail: 'Wait.',
      code: 'too-many-requests',
      retryAfter: 2,
    });
    for (const [code, status] of Object.entries(refusalStatus)) {
      const problem = problemOf(new Refusal(code as keyof typeof refusalStatus, 'x'));
      expect(problem).toMatchObject({ status, title: expect.any(String) });
      expect(problem).not.toHaveProperty('retryAfter');
    }
  });

  test.each([new Conflict('it'), new Throttled('KMS')])(
    '%s is busy, to be tried again',
    (error) => {
      expect(problemOf(error)).toMatchObject({ status: 503, code: 'busy', retryAfter: 2 });
      expect(isInternal(error)).toBe(false);
    },
  );

  test.each([new Error('table claims-7 of t_other'), 'text', undefined])(
    'what %s says stays inside',
    (error) => {
      expect(isInternal(error)).toBe(true);
      expect(problemOf(error)).toMatchObject({ status: 500, code: 'internal-error' });
      expect(JSON.stringify(problemOf(error))).not.toContain('t_other');
    },
  );

  test('an answer says what it is, how long to wait, and how to authenticate', () => {
    expect(problemResult(new Conflict('it'), { allow: 'GET' })).toMatchObject({
      statusCode: 503,
      headers: {
        'content-type': 'application/problem+json',
        'cache-control': 'no-store',
        'retry-after': '2',
        allow: 'GET',
      },
    });
    expect(problemResult(new Refusal('unauthenticated', 'x')).headers).toMatchObject({
      'www-authenticate': 'Bearer',
    });
    expect(problemResult(new Refusal('forbidden', 'x')).headers).not.toHaveProperty('retry-after');
  });
});
