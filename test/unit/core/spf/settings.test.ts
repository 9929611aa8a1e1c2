import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SpfSettings } from '#shared/core/model/claim.ts';
import { changeSpf, withAddresses, type SpfChange } from '#shared/core/spf/settings.ts';

const setting = { domain: 'example.com', zone: 'sd.example.net' };
const change = (present: Partial<SpfSettings>, wanted: SpfChange) =>
  changeSpf({ mechanisms: [], ...present }, wanted, setting);

describe('mechanisms', () => {
  const present = {
    mechanisms: ['ip4:192.0.2.1', 'mx:example.com'],
    all: '-all',
    records: 2,
  } as const;

  test('are added at the end, each once, and removed in any spelling', () => {
    expect(change(present, { add: ['IP4:192.0.2.1/32', 'a'], remove: ['+mx'] })).toEqual({
      mechanisms: ['ip4:192.0.2.1', 'a:example.com'],
      all: '-all',
      records: 2,
    });
  });

  test('are replaced as a whole', () => {
    expect(change(present, { mechanisms: ['a', 'a:example.com'], all: '?all' })).toEqual({
      mechanisms: ['a:example.com'],
      all: '?all',
      records: 2,
    });
  });

  test('that are not there are removed without harm', () => {
    expect(change(present, { remove: ['ip4:203.0.113.1'] })).toEqual(present);
  });

  test('are refused where one is wrong, or there are too many', () => {
    expect(() => change(present, { add: ['-all'] })).toThrow('leave the sign');
    const many = Array.from({ length: 201 }, (_, n) => `ip4:10.0.0.${n}`);
    expect(() => change({}, { add: many })).toThrow('at most 200');
  });

  test('an empty change changes nothing, and the same change twice is one', () => {
    const mechanism = fc.constantFrom(
      'a',
      'mx',
      'ip4:192.0.2.1',
      'include:a.test',
      'ip4:10.0.0.0/8',
    );
    const list = fc.array(mechanism, { maxLength: 5 });
    fc.assert(
      fc.property(list, list, list, (has, add, remove) => {
        const before = change({}, { mechanisms: has });
        expect(change(before, {})).toEqual(before);
        const once = change(before, { add, remove });
        expect(change(once, { add, remove })).toMatchObject({
          mechanisms: expect.toSatisfy(
            (again: string[]) =>
              new Set(again).size === new Set([...again, ...once.mechanisms]).size,
          ),
        });
      }),
    );
  });
});

describe('flattening', () => {
  const include = 'include:_spf.example.org';
  const flat = change({}, { add: [{ mechanism: 'include:_SPF.example.org', flatten: true }] });

  test('is asked for by include', () => {
    expect(flat).toEqual({ mechanisms: [include], flattened: [{ include }] });
  });

  test('goes on with its addresses where it is asked for again, and ends where it is not', () => {
    const known = withAddresses(flat, include, ['ip4:192.0.2.1'], 'now');
    expect(known.flattened).toEqual([{ include, addresses: ['ip4:192.0.2.1'], since: 'now' }]);
    expect(change(known, { add: [{ mechanism: include, flatten: true }] })).toEqual(known);
    expect(change(known, { add: ['a'] }).flattened).toEqual(known.flattened);
    expect(change(known, { add: [include] })).toEqual({ mechanisms: [include] });
    expect(change(known, { remove: [include] })).toEqual({ mechanisms: [] });
    expect(change(known, { mechanisms: ['a'] })).toEqual({ mechanisms: ['a:example.com'] });
  });

  test('is for includes without macros only', () => {
    for (const mechanism of ['a', 'ip4:192.0.2.1', 'include:%{i}.test']) {
      expect(() => change({}, { add: [{ mechanism, flatten: true }] })).toThrow(
        'cannot be flattened',
      );
    }
  });

  test('addresses of what is not flattened are nowhere to put', () => {
    const plain = { mechanisms: [include] };
    expect(withAddresses(plain, include, ['ip4:192.0.2.1'], 'now')).toEqual(plain);
    expect(withAddresses(flat, 'include:x.test', ['ip4:192.0.2.1'], 'now')).toEqual(flat);
  });
});
