import { afterEach, describe, expect, test, vi } from 'vitest';
import { decodeWork } from '../../../../lambdas/signer/decode.ts';
import declaration from '../../../../lambdas/signer/function.ts';
import { readSettings } from '../../../../lambdas/signer/settings.ts';
import { throttledSendingLog } from '../../../../lambdas/signer/throttled-sending-log.ts';
import { SENT_PRECISION_SECONDS } from '#shared/app/ports/check-store.ts';
import { messageIdOf, type Label } from '#shared/core/model/names.ts';
import { environmentOf } from '#shared/runtime/handler.ts';
import type { TableName } from '#shared/runtime/tables.ts';
import { queueVariable, tableVariable, WRAPPING_KEY_VARIABLE } from '#shared/runtime/variables.ts';

const id = messageIdOf(new Uint8Array(16));

describe('decodeWork', () => {
  test('reads a request of the submission channel, and one that was deferred', () => {
    const body = { tenant: 't_a', id };
    expect(decodeWork(JSON.stringify(body))).toEqual({ ...body, waits: 0 });
    expect(decodeWork(JSON.stringify({ ...body, waits: 3 }))).toEqual({ ...body, waits: 3 });
  });

  test.each(['', 'x', 'null', '7', '[]', '{}', `{"id":"${id}"}`, '{"tenant":"t_a","id":"m_x"}'])(
    'knows that %s is none',
    (body) => expect(decodeWork(body)).toBeUndefined(),
  );

  test('knows that a negative count of waits is none', () => {
    expect(decodeWork(JSON.stringify({ tenant: 't_a', id, waits: -1 }))).toBeUndefined();
  });
});

/** The settings of a signer whose other variables are all there. */
function given(changes: Record<string, string> = {}): ReturnType<typeof readSettings> {
  const all = {
    UNCLEAR_SECONDS: '900',
    UNCLEAR_POLICY: 'hold',
    LEASE_SECONDS: '60',
    HOLD_HOURS: '4',
    ...changes,
  };
  const others = [
    ...Object.keys(declaration.tables).map((name) => tableVariable(name as TableName)),
    ...declaration.sendsTo.map(queueVariable),
    ...declaration.settings,
    'EVENT_BUS',
    WRAPPING_KEY_VARIABLE,
  ];
  for (const name of others) vi.stubEnv(name, 'given');
  for (const [name, value] of Object.entries(all)) vi.stubEnv(name, value);
  return readSettings(environmentOf(declaration));
}

describe('readSettings', () => {
  afterEach(() => vi.unstubAllEnvs());
  test('takes them from the environment', () => {
    expect(given({ UNSIGNED_ALLOWED: 'a.example,b.example' })).toEqual({
      unsignedAllowed: new Set(['a.example', 'b.example']),
      leaseSeconds: 60,
      holdHours: 4,
      unclearSeconds: 900,
      unclearPolicy: 'hold',
    });
  });

  test('lets no tenant send unsigned where the list is empty', () => {
    expect(given({ UNSIGNED_ALLOWED: '' }).unsignedAllowed.size).toBe(0);
  });

  test.each<[Record<string, string>, RegExp]>([
    [{ UNCLEAR_POLICY: 'forget' }, /UNCLEAR_POLICY is "forget"/],
    [{ LEASE_SECONDS: '1m' }, /LEASE_SECONDS is "1m"/],
    [{ UNCLEAR_SECONDS: '' }, /missing environment variables: UNCLEAR_SECONDS/],
  ])('fails at start-up for %j', (changes, message) => {
    expect(() => given(changes)).toThrow(message);
  });
});

test('that a claim sent is passed on as often as the log is exact, and again after a failure', async () => {
  const noted: string[] = [];
  const failing = [new Error('out')];
  const log = throttledSendingLog({
    noteSent: async (label, at) => {
      const failure = failing.pop();
      if (failure !== undefined) throw failure;
      noted.push(`${label} ${at}`);
    },
  });
  const [a, b] = ['a', 'b'] as Label[];
  const began = Date.parse('2026-11-20T10:00:00Z');
  const after = (seconds: number): string => new Date(began + seconds * 1_000).toISOString();
  const [first, early, due] = [0, SENT_PRECISION_SECONDS - 1, SENT_PRECISION_SECONDS].map(after);
  await expect(log.noteSent(a!, first!)).rejects.toThrow('out');
  for (const [label, at] of [
    [a, first],
    [a, early],
    [b, early],
    [a, due],
  ]) {
    await log.noteSent(label as Label, at!);
  }
  expect(noted).toEqual([`a ${first}`, `b ${early}`, `a ${due}`]);
});
