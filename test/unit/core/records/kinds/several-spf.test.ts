import { describe, expect, test } from 'vitest';
import { judgeSpf } from '#shared/core/records/kinds/spf/advice.ts';
import type { Setting } from '#shared/core/records/setting.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import type { SpfTree } from '#shared/core/spf/tree.ts';
import { deployment, givenClaim } from '../../../../fakes/given-claim.ts';

const claim = givenClaim();
const record = customerRecords(claim, undefined, deployment).find(({ id }) => id === 'spf')!;
const include = `include:_spf.${claim.label}.${claim.shard}`;

/** Returns the hint for several records, of which all in one would take so many lookups. */
function hintFor(values: string[], lookups: number): string | undefined {
  const tree: SpfTree = { root: { domain: claim.domain, terms: [] }, lookups, voidLookups: 0 };
  const setting = { spf: new Map([['spf', tree]]), domain: claim.domain } as unknown as Setting;
  const verdict = judgeSpf(record, { outcome: 'ok', values, cnames: [] }, setting);
  expect(verdict).toMatchObject({ status: 'wrong', code: 'spf-several' });
  return verdict.hint;
}

describe('several SPF records', () => {
  test('are to be one, and the hint names it', () => {
    expect(hintFor(['v=spf1 mx -all', 'v=spf1 a ~all'], 4)).toContain(
      `Put one in their place: v=spf1 mx a ${include} ~all`,
    );
  });

  test('that joined would take too many lookups get a hint with the count', () => {
    const hint = hintFor(['v=spf1 mx -all', 'v=spf1 a ~all'], 12);
    expect(hint).toContain('they take 12 DNS lookups, of 10');
    expect(hint).not.toContain('v=spf1');
  });

  test('that cannot be read are left to be joined by hand', () => {
    expect(hintFor(['v=spf1 foo', 'v=spf1 a ~all'], 0)).toContain('Join them into one');
  });
});
