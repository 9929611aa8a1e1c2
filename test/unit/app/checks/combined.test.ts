import { describe, expect, test } from 'vitest';
import { combined } from '#shared/app/checks/evaluate/combined.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { missing, ok, warning, wrong, type Verdict } from '#shared/core/records/verdict.ts';

const domain = 'example.com' as DomainName;
const of = (...verdicts: readonly Verdict[]) => combined('spf', verdicts, { domain });

describe('what several servers answered', () => {
  const good = ok(['right']);
  const bad = wrong('other-value', ['wrong'], 'Change it.');
  const stale = warning('other-value', ['stale'], 'Soon.');

  test('is right where all have it right, without a hint', () => {
    expect(of(good, good)).toEqual({ id: 'spf', status: 'ok', observed: ['right'] });
  });

  test('is the worst of them, with what each had and how many do not have it right', () => {
    expect(of(good, bad)).toEqual({
      id: 'spf',
      status: 'wrong',
      code: 'other-value',
      observed: ['right', 'wrong'],
      hint: '1 of the 2 name servers of example.com that answered do not have it right. A change may take a few minutes to reach all of them. Change it.',
    });
  });

  test('has the hint alone where none has it right', () => {
    expect(of(bad)).toMatchObject({ hint: 'Change it.' });
    expect(of(bad, bad)).toMatchObject({ hint: 'Change it.' });
  });

  test('is what does not work before what works for now, in any order', () => {
    for (const verdicts of [
      [stale, missing('Create it.')],
      [missing('Create it.'), stale],
    ]) {
      expect(of(...verdicts)).toMatchObject({ status: 'missing', hint: 'Create it.' });
    }
    expect(of(good, stale)).toMatchObject({ status: 'warning' });
  });

  test('is the customer’s own record where one server shows that and none is wrong', () => {
    const own: Verdict = { status: 'ok-external', observed: ['own'], hint: 'Fine.' };
    expect(of(good, own)).toMatchObject({ status: 'ok-external', hint: 'Fine.' });
  });

  test('keeps the desired value as a server has it that is right', () => {
    const [joined, kept] = [
      { ...bad, value: 'joined' },
      { ...good, value: 'kept' },
    ];
    expect(of(joined, kept)).toMatchObject({ status: 'wrong', value: 'kept' });
    expect(of(joined, good)).toMatchObject({ value: 'joined' });
    expect(of(bad, good)).not.toHaveProperty('value');
  });

  test('shows ten values, and of each a thousand characters', () => {
    const values = Array.from({ length: 11 }, (_, index) => `${index}`);
    expect(of(ok(values)).observed).toEqual(values.slice(0, 10));
    const [whole, long] = ['x'.repeat(1_000), 'y'.repeat(1_001)];
    expect(of(ok([whole, long])).observed).toEqual([whole, `${'y'.repeat(1_000)}...`]);
  });
});

describe('no answer at all', () => {
  test.each([
    [undefined, 'no-answer', []],
    ['served', 'no-answer', []],
    ['no-such-domain', 'no-answer', []],
    ['unknown', 'no-answer', []],
    ['bogus', 'dnssec-bogus', []],
    ['not-delegated', 'not-delegated', Array.from({ length: 10 }, (_, i) => `ns${i}.test`)],
  ] as const)('of a domain whose delegation is %s is %s', (state, code, observed) => {
    const nameServers = Array.from({ length: 11 }, (_, index) => `ns${index}.test`);
    const setting = { domain, ...(state && { delegation: { state, nameServers } }) };
    const check = combined('spf', [], setting);
    expect(check).toMatchObject({ id: 'spf', status: 'unknown', code, observed });
    expect(check.hint).toContain('example.com');
  });
});
