import { describe, expect, test } from 'vitest';
import { markedChange } from '#shared/core/records/marked-change.ts';
import { keepsSenders } from '#shared/core/records/kinds/spf/proof.ts';

const DOMAIN = 'shop.test';

describe('a record keeps the senders of others', () => {
  test.each([
    [['v=spf1 a mx -all'], 'v=spf1 a mx include:ours.test -all'],
    [['v=spf1 ip4:192.0.2.0/24 ~all'], 'v=spf1 ip4:192.0.2.0/23 ~all'],
    [
      ['v=spf1 include:a.test -all', 'v=spf1 ip6:2001:db8::/32 ~all'],
      'v=spf1 include:a.test ip6:2001:db8::/32 ~all',
    ],
    [['v=spf1 exists:%{i}._i.a.test -all'], 'v=spf1 exists:%{i}._i.a.test include:ours.test -all'],
    [['v=spf1 ptr redirect=a.test'], 'v=spf1 ptr include:ours.test redirect=a.test'],
    [['v=spf1 include:A.test. -all'], 'v=spf1 include:a.test -all'],
  ])('%j in %s', (before, after) => {
    expect(keepsSenders(DOMAIN, before, after)).toBe(true);
  });

  test.each([
    ['a name is missing', ['v=spf1 a mx -all'], 'v=spf1 a -all'],
    ['a network is smaller', ['v=spf1 ip4:192.0.2.0/24 ~all'], 'v=spf1 ip4:192.0.2.0/25 ~all'],
    [
      'one of two redirects is dropped',
      ['v=spf1 redirect=a.test', 'v=spf1 redirect=b.test'],
      'v=spf1 redirect=a.test',
    ],
    [
      'a failure comes first',
      ['v=spf1 -ip4:192.0.2.1 a', 'v=spf1 ip4:192.0.2.1'],
      'v=spf1 -ip4:192.0.2.1 a ip4:192.0.2.1',
    ],
    ['all others fail, who did not', ['v=spf1 a ~all'], 'v=spf1 a -all'],
    [
      'it breaks the grammar',
      ['v=spf1 a ~all'],
      'v=spf1 a include:itself.test include:shop.test ~all',
    ],
  ])('not where %s', (_what, before, after) => {
    expect(keepsSenders(DOMAIN, before, after)).toBe(false);
  });

  test('and hostile ones are not judged', () => {
    const many = `v=spf1 ${Array.from({ length: 250 }, (_, n) => `a:${n}.test`).join(' ')} -all`;
    expect(keepsSenders(DOMAIN, [many], many)).toBe(false);
  });
});

describe('the marked change', () => {
  test.each([
    ['v=spf1 a -all', 'v=spf1 a mx -all', 'with "mx"'],
    ['v=spf1, a -all', 'v=spf1 a -all', 'without "v=spf1," and with "v=spf1"'],
    ['v=spf1\u00a0a', 'v=spf1 a', 'without "v=spf1<U+00A0>a" and with "v=spf1", "a"'],
    ['v=spf1  a', 'v=spf1 a', undefined],
  ])('of %j to %s', (before, after, expected) => {
    expect(markedChange([before], after)).toBe(expected);
  });
});
