import { describe, expect, test } from 'vitest';
import { composeSpf, composeSpfChain } from '#shared/core/spf/compose.ts';

test('mechanisms come in order, each once, before all', () => {
  expect(
    composeSpf('d.example', ['include:a.example', 'ip4:192.0.2.1', 'include:a.example'], '~all'),
  ).toBe('v=spf1 include:a.example ip4:192.0.2.1 ~all');
  expect(composeSpf('d.example', [], '?all')).toBe('v=spf1 ?all');
});

test('name and text take 450 octets together and no more', () => {
  const rest = 450 - 'd.example'.length - 'v=spf1 include: ~all'.length;
  expect(composeSpf('d.example', [`include:${'a'.repeat(rest)}`], '~all')).toHaveLength(441);
  expect(() => composeSpf('d.example', [`include:${'a'.repeat(rest + 1)}`], '~all')).toThrow(
    'do not fit into the one record at d.example',
  );
});

describe('a chain', () => {
  const names = ['_spf.d.example', '_spf1.d.example', '_spf2.d.example'];

  test('has one record where one is enough', () => {
    expect(composeSpfChain(names, ['ip4:192.0.2.1'], '-all')).toEqual([
      'v=spf1 ip4:192.0.2.1 -all',
    ]);
  });

  test('leads from each record to the next, and ends in all', () => {
    const texts = composeSpfChain(names, addresses(50), '~all');
    expect(texts.map((text) => text.split(' ').at(-1))).toEqual([
      'redirect=_spf1.d.example',
      'redirect=_spf2.d.example',
      '~all',
    ]);
    expect(texts.flatMap((text) => text.split(' ').slice(1, -1))).toEqual(addresses(50));
    for (const [index, text] of texts.entries()) {
      expect(names[index]!.length + text.length).toBeLessThanOrEqual(450);
    }
  });

  test('is changed only at its end by one more mechanism', () => {
    const before = composeSpfChain(names, addresses(40), '~all');
    const after = composeSpfChain(names, addresses(41), '~all');
    expect(after[0]).toBe(before[0]);
    expect(after[1]).not.toBe(before[1]);
  });

  test('is refused where its records do not hold everything, or one mechanism is too long', () => {
    expect(() => composeSpfChain(names, addresses(100), '~all')).toThrow(
      '100 mechanisms of 1789 characters do not fit into the 3 records',
    );
    const long = `include:${'a'.repeat(440)}`;
    expect(() => composeSpfChain(names, [long], '~all')).toThrow('do not fit');
  });
});

const addresses = (count: number) =>
  Array.from({ length: count }, (_, index) => `ip4:198.51.100.${index}`);
