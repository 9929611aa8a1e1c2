import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  countsAsPending,
  deletedClaim,
  isProven,
  lostClaim,
  maySign,
  restoredClaim,
  type Claim,
  type Holder,
} from '#shared/core/model/claim.ts';
import type { Label, TenantId } from '#shared/core/model/names.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const now = '2026-11-20T10:00:00.000Z';
const holderOf = ({ domain, tenant, label }: Claim): Holder => ({
  domain,
  tenant,
  label,
  since: now,
});
const lifecycles = ['live', 'deleting', 'tombstone', 'expired'] as const;
const statuses = ['pending', 'verified', 'at-risk', 'lost'] as const;

describe('maySign', () => {
  test('of all lifecycles and statuses only live and verified or at-risk sign', () => {
    const signing = lifecycles.flatMap((lifecycle) =>
      statuses.filter((status) => {
        const claim = givenClaim({ lifecycle, status });
        expect(isProven(claim)).toBe(maySign(claim, holderOf(claim)));
        return maySign(claim, holderOf(claim));
      }),
    );
    expect(signing).toEqual(['verified', 'at-risk']);
  });

  test('only the holder signs, by tenant and label', () => {
    const claim = givenClaim({ status: 'verified' });
    expect(maySign(claim, undefined)).toBe(false);
    expect(maySign(claim, { ...holderOf(claim), tenant: 't_other' as TenantId })).toBe(false);
    expect(maySign(claim, { ...holderOf(claim), label: 'other' as Label })).toBe(false);
  });
});

test('only live pending claims count as pending', () => {
  const counting = lifecycles.flatMap((lifecycle) =>
    statuses.filter((status) => countsAsPending(givenClaim({ lifecycle, status }))),
  );
  expect(counting).toEqual(['pending']);
});

describe('the moves of a claim', () => {
  const claims = fc.record({ status: fc.constantFrom(...statuses), version: fc.nat() });

  test('each write is one version on; identity and keys never change', () => {
    fc.assert(
      fc.property(
        claims,
        fc.constantFrom(deletedClaim, restoredClaim, lostClaim),
        (changes, move) => {
          const claim = givenClaim(changes);
          const moved = move(claim, now);
          expect(moved.version).toBe(claim.version + 1);
          expect(moved.statusSince).toBe(now);
          for (const field of [
            'tenant',
            'domain',
            'label',
            'shard',
            'keys',
            'dmarc',
            'createdAt',
          ] as const) {
            expect(moved[field]).toBe(claim[field]);
          }
          expect(isProven(moved)).toBe(false);
        },
      ),
    );
  });

  test('an undone deletion leaves no trace but that the domain must be proven again', () => {
    const claim = givenClaim({ status: 'verified', verifiedAt: now });
    const restored = restoredClaim(deletedClaim(claim, now), now);
    expect(restored).toEqual({ ...claim, status: 'pending', statusSince: now, version: 3 });
    expect('deletedAt' in restored).toBe(false);
  });

  test('a deleted claim says since when', () => {
    expect(deletedClaim(givenClaim(), now)).toMatchObject({
      lifecycle: 'deleting',
      deletedAt: now,
    });
  });
});
