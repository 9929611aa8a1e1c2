import { describe, expect, test } from 'vitest';
import { noKeys } from '#shared/core/model/key-ring.ts';
import type { Lookup } from '#shared/core/model/lookup.ts';
import { CLAIMS_PER_SHARD } from '#shared/core/records/capacity.ts';
import { codeMeanings, recordCodes } from '#shared/core/records/codes.ts';
import { commonCodes, domainCodes } from '#shared/core/records/common-codes.ts';
import {
  customerRecords,
  kindOf,
  recordPurposes,
  type CustomerRecord,
} from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hosted, kinds } from '#shared/core/records/kinds/index.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { deployment, givenClaim } from '../../../../fakes/given-claim.ts';

const claim = givenClaim();
const parked = { ...claim, purpose: 'parked' as const, keys: noKeys };
const records = [
  ...customerRecords(claim, { token: 'sestoken' }, deployment),
  ...customerRecords(parked, undefined, deployment).filter(({ id }) => id === 'null-mx'),
  ...customerRecords({ ...claim, hosting: 'delegated' }, undefined, deployment),
];

const setting: Setting = {
  domain: claim.domain,
  zone: deployment.zone,
  hostedName: `${claim.label}.${claim.shard}`,
  probe: 'probe',
  hosted: new Map(hostedRecords(claim, deployment).map(({ name, values }) => [name, values[0]!])),
  spf: new Map(),
};
const nothing: Lookup = { outcome: 'ok', values: [], cnames: [] };
const showing = ({ type, value = '' }: CustomerRecord): Lookup =>
  type === 'CNAME' ? { ...nothing, cnames: [value] } : { ...nothing, values: [value] };

describe.each(recordPurposes)('the kind %s', (purpose) => {
  const own = records.filter((record) => record.purpose === purpose);
  const kind = kindOf({ purpose });

  test('has records, and a name that no other kind has', () => {
    expect(own.length).toBeGreaterThan(0);
    expect(recordPurposes.filter((other) => kinds[other].title === kind.title)).toEqual([purpose]);
  });

  test('has it that its records are right as advised, by exactly that', () => {
    for (const record of own) {
      expect(kind.judge(record, showing(record), setting)).toMatchObject({
        status: 'ok',
        observed: [record.value],
      });
    }
  });

  test('has it that its records are missing where nothing is, and names them in what to do', () => {
    for (const record of own) {
      const verdict = kind.judge(record, nothing, setting);
      expect(verdict).toMatchObject({ status: 'missing', code: 'missing', observed: [] });
      expect(verdict.hint).toContain(record.name);
      expect(verdict.hint).toContain(record.value);
    }
  });

  test('has codes of its own only, each with what it means', () => {
    const shared = Object.keys({ ...commonCodes, ...domainCodes });
    for (const [code, means] of Object.entries(kind.codes)) {
      expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/);
      expect(means).toMatch(/^[^A-Z|][^|\n]*[^.|\n]$/);
      expect(shared).not.toContain(code);
    }
  });

  test('hosts no more than the capacity of a shard reckons with', () => {
    const { most, records: hostedOf } = hosted[purpose];
    const longest = { ...claim, spf: { mechanisms: [], records: 3 } };
    expect(hostedOf(longest, deployment)).toHaveLength(most);
  });
});

test('a shard holds as many claims as have room with the most records of each kind', () => {
  expect(CLAIMS_PER_SHARD).toBe(1_250);
});

test('codes are those of any record, of each kind, and of the whole domain, each once', () => {
  const ofKinds = recordPurposes.flatMap((purpose) => Object.keys(kinds[purpose].codes));
  expect(new Set(recordCodes)).toEqual(
    new Set([...Object.keys(commonCodes), ...ofKinds, ...Object.keys(domainCodes)]),
  );
  expect(recordCodes).toHaveLength(new Set(recordCodes).size);
  expect(Object.keys(codeMeanings)).toEqual(recordCodes);
  expect(recordCodes.slice(0, Object.keys(commonCodes).length)).toEqual(Object.keys(commonCodes));
  expect(recordCodes.slice(-5)).toEqual(Object.keys(domainCodes));
});

const writable = (purpose: CustomerRecord['purpose'], shown: object): boolean =>
  kindOf({ purpose }).mayBeWritten?.({ status: 'wrong', code: null, ...shown }) ?? true;

describe('whether a DNS provider may write a record over what is there', () => {
  test.each([
    ['dkim', { status: 'unknown' }, true],
    ['ses-identity', { status: 'unknown' }, true],
    ['dmarc', { status: 'unknown' }, false],
    ['dmarc', { status: 'wrong', code: 'dmarc-several' }, true],
    ['spf', { status: 'ok', spf: {} }, true],
    ['spf', { status: 'unknown' }, false],
    ['spf', { status: 'missing', code: 'missing' }, true],
    ['spf', { code: 'spf-no-include' }, true],
    ['spf', { code: 'spf-no-include', spf: {} }, false],
    ['spf', { code: 'spf-several' }, false],
  ] as const)('%s that is %j: %s', (purpose, shown, may) => {
    expect(writable(purpose, shown)).toBe(may);
  });
});
