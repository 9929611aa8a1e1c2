import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { correctionIn } from '#shared/core/records/check.ts';
import { changesOf } from '#shared/core/records/marked-change.ts';

describe('the changes between records and the one in their place', () => {
  test('are the terms that are not in both, with where each is', () => {
    const before = ['v=spf1 include:a.test, -all', 'v=spf1 ip4:192.0.2.1 -all'];
    const after = 'v=spf1 include:a.test ip4:192.0.2.1 include:ours.test -all';
    expect(changesOf(before, after)).toEqual([
      { kind: 'removed', text: 'include:a.test,', at: 7, observed: 0 },
      { kind: 'added', text: 'include:a.test', at: 7 },
      { kind: 'added', text: 'include:ours.test', at: 36 },
    ]);
  });

  test('are each at the place that they say', () => {
    const term = fc.constantFrom('a', 'b', 'ip4:192.0.2.1', 'include:x.test', '~all');
    const record = fc.array(term, { maxLength: 6 }).map((terms) => terms.join(' '));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 3 }), record, (before, after) => {
        for (const { kind, text, at, observed } of changesOf(before, after)) {
          const whole = kind === 'added' ? after : before[observed!]!;
          expect(whole.slice(at, at + text.length)).toBe(text);
          const other = kind === 'added' ? before.join(' ') : after;
          expect(other.split(' ')).not.toContain(text);
        }
      }),
    );
  });
});

describe('the correction of a record', () => {
  test('is the suggested SPF record in the place of the one observed', () => {
    const check = { status: 'wrong', observed: ['v=spf -all'], value: 'v=spf1 -all' } as const;
    expect(correctionIn(check)).toEqual({
      value: 'v=spf1 -all',
      changes: [
        { kind: 'removed', text: 'v=spf', at: 0, observed: 0 },
        { kind: 'added', text: 'v=spf1', at: 0 },
      ],
    });
  });

  test('is the corrected DMARC record, by its tags', () => {
    const observed = ['v=DMARC1, p=none'];
    const { changes } = correctionIn({ status: 'wrong', observed, corrected: 'v=DMARC1; p=none' })!;
    expect(changes.map(({ kind, text }) => [kind, text])).toEqual([
      ['removed', 'v=DMARC1,'],
      ['added', 'v=DMARC1'],
    ]);
  });

  test.each([
    ['nothing is observed', { status: 'missing', observed: [] }],
    ['a person must correct it', { status: 'wrong', observed: ['x'], value: '' }],
    ['it is right', { status: 'ok', observed: ['x'], value: 'y' }],
    ['what is observed stays', { status: 'warning', observed: ['x'], value: 'x' }],
  ] as const)('is none where %s', (_why, check) => {
    expect(correctionIn(check)).toBeUndefined();
  });
});
