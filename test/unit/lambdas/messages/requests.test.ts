import { describe, expect, test } from 'vitest';
import { readSubmission } from '../../../../lambdas/messages/requests.ts';
import type { ApiEvent } from '#shared/api/http.ts';

const event = (changes: Partial<ApiEvent> = {}): ApiEvent =>
  ({
    headers: { 'content-type': 'message/rfc822' },
    rawQueryString: '',
    body: Buffer.from('From: a@b.example\r\n\r\n\xff', 'latin1').toString('base64'),
    isBase64Encoded: true,
    ...changes,
  }) as ApiEvent;

const reading = (changes: Partial<ApiEvent>) => () => readSubmission(event(changes));
const refusal = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('readSubmission', () => {
  test('takes the octets as they were sent', () => {
    expect(readSubmission(event()).raw.toString('latin1')).toBe('From: a@b.example\r\n\r\n\xff');
    const text = event({ body: 'From: a@b.example\r\n\r\n', isBase64Encoded: false });
    expect(readSubmission(text).raw.toString()).toBe('From: a@b.example\r\n\r\n');
  });

  test('a request without a body is one of no octets', () => {
    expect(readSubmission(event({ body: undefined })).raw).toHaveLength(0);
  });

  test('reads each recipient, commas and percent-encoding included', () => {
    const rawQueryString = 'recipient=a%2Bx%40b.example&recipient=%22c%2Cd%22%40e.example';
    expect(readSubmission(event({ rawQueryString })).recipients).toEqual([
      'a+x@b.example',
      '"c,d"@e.example',
    ]);
  });

  test('refuses parameters that there are not', () => {
    expect(reading({ rawQueryString: 'recipients=a%40b.example' })).toThrow(
      refusal('invalid-parameter'),
    );
  });

  test('refuses other media types', () => {
    expect(reading({ headers: { 'content-type': 'application/json' } })).toThrow(
      refusal('unsupported-media-type'),
    );
    expect(reading({ headers: {} })).toThrow(refusal('unsupported-media-type'));
    const headers = { 'content-type': 'Message/RFC822; charset=utf-8' };
    expect(readSubmission(event({ headers })).recipients).toEqual([]);
  });

  test.each(['', 'a b', 'ä', 'x'.repeat(256)])('refuses the Idempotency-Key "%s"', (key) => {
    const headers = { 'content-type': 'message/rfc822', 'idempotency-key': key };
    expect(reading({ headers })).toThrow(refusal('invalid-parameter'));
  });

  test('passes an Idempotency-Key on', () => {
    const headers = { 'content-type': 'message/rfc822', 'idempotency-key': 'order-7' };
    expect(readSubmission(event({ headers })).idempotencyKey).toBe('order-7');
  });
});
