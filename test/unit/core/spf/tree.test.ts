import { describe, expect, test } from 'vitest';
import type { SpfLookup } from '#shared/core/spf/evaluate.ts';
import { findProblem, isTooLarge, spfTree } from '#shared/core/spf/tree.ts';

/** DNS with these texts, and addresses at `here.test`. */
const dns =
  (texts: Record<string, string | string[]>, asked: string[] = []): SpfLookup =>
  async (name, type) => {
    asked.push(`${name} ${type}`);
    const values = type === 'TXT' ? [texts[name] ?? []].flat() : [];
    if (name.startsWith('silent')) return { outcome: 'unknown', values: [] };
    if (name === 'here.test' && type === 'A') return { outcome: 'ok', values: ['192.0.2.1'] };
    if (name === 'mail.test' && type === 'MX') {
      return { outcome: 'ok', values: ['10 here.test', '20 gone.test'] };
    }
    return { outcome: values.length > 0 ? 'ok' : 'nxdomain', values };
  };

test('counts every term that causes lookups, with all below it', async () => {
  const tree = await spfTree(
    'a.test',
    'v=spf1 ip4:192.0.2.0/24 a:here.test include:b.test exists:%{i}.c.test ptr -all',
    dns({
      'b.test': 'v=spf1 include:c.test redirect=d.test',
      'c.test': 'v=spf1 ip6:2001:db8::/32 ~all',
      'd.test': 'v=spf1 mx:mail.test -all',
    }),
  );
  expect(tree).toEqual({
    lookups: 7,
    voidLookups: 1,
    root: {
      domain: 'a.test',
      record: expect.any(String),
      terms: [
        { text: 'a:here.test', lookups: 1, voidLookups: 0 },
        {
          text: 'include:b.test',
          lookups: 4,
          voidLookups: 1,
          node: {
            domain: 'b.test',
            record: expect.any(String),
            terms: [
              {
                text: 'include:c.test',
                lookups: 1,
                voidLookups: 0,
                node: { domain: 'c.test', record: expect.any(String), terms: [] },
              },
              {
                text: 'redirect=d.test',
                lookups: 2,
                voidLookups: 1,
                node: {
                  domain: 'd.test',
                  record: expect.any(String),
                  terms: [{ text: 'mx:mail.test', lookups: 1, voidLookups: 1 }],
                },
              },
            ],
          },
        },
        { text: 'exists:%{i}.c.test', lookups: 1, voidLookups: 0 },
        { text: 'ptr', lookups: 1, voidLookups: 0 },
      ],
    },
  });
});

test('counts nothing after "all", and no redirect beside it', async () => {
  const asked: string[] = [];
  const text = 'v=spf1 ip4:192.0.2.1 -all include:b.test redirect=c.test';
  expect(await spfTree('a.test', text, dns({}, asked))).toMatchObject({ lookups: 0 });
  expect(asked).toEqual([]);
});

describe('a record that cannot be followed', () => {
  test.each([
    ['no-record', 'include:gone.test', 1],
    ['several-records', 'include:two.test', 0],
    ['invalid', 'include:bad.test', 0],
    ['loop', 'include:loop.test', 0],
    ['no-answer', 'include:silent.test', 0],
    ['not-followed', 'include:%{d}.test', 0],
    ['no-record', 'include:text.test', 0],
  ] as const)('%s: %s', async (problem, term, voidLookups) => {
    const tree = await spfTree(
      'a.test',
      `v=spf1 ${term} -all`,
      dns({
        'two.test': ['v=spf1 -all', 'v=spf1 ~all'],
        'bad.test': 'v=spf1 ipv4:192.0.2.1 -all',
        'loop.test': 'v=spf1 include:A.TEST. -all',
        'text.test': 'hello',
      }),
    );
    expect(findProblem(tree.root, [problem])).toMatchObject({ problem });
    expect(tree.voidLookups).toBe(voidLookups);
  });
});

test('ends, however large what it leads to is', async () => {
  const asked: string[] = [];
  const endless: SpfLookup = async (name, type) => {
    asked.push(name);
    const below = Array.from({ length: 20 }, (_, i) => `include:${i}.${name}`).join(' ');
    return { outcome: 'ok', values: type === 'TXT' ? [`v=spf1 ${below} -all`] : [] };
  };
  const tree = await spfTree('a.test', 'v=spf1 include:b.test -all', endless);
  expect(isTooLarge(tree)).toBe(true);
  expect(asked.length).toBeLessThanOrEqual(120);
});
