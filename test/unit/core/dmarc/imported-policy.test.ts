import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isNoStricter, newEnforcement, oldEnforcement } from '#shared/core/dmarc/enforcement.ts';
import { initialDmarc } from '#shared/core/dmarc/initial-policy.ts';
import { policyInEffect } from '#shared/core/dmarc/policy-in-effect.ts';
import { composeDmarc } from '#shared/core/dmarc/record.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { importedPolicies, importedRecords } from '../../../../docs/generate/imported-policies.ts';

const deployment = { zone: 'sd.example.net' as DomainName };

/** What a claim of a domain starts with, given the records of DNS by domain. */
async function imported(domain: string, records: Readonly<Record<string, string>>) {
  const effect = await policyInEffect(domain as DomainName, async (name) => {
    const text = records[name.replace('_dmarc.', '')];
    return { outcome: 'ok', values: text === undefined ? [] : [text] };
  });
  const { dmarc, dmarcStart } = initialDmarc(effect, deployment);
  return { hosted: composeDmarc(dmarc as DmarcPolicy), start: dmarcStart };
}

/**
 * How strict receivers are with the domain, its subdomains, and names that do not exist: 0 nothing, 1
 * quarantine, 2 reject, and a share of mail between.
 */
const receivers = (text: string) => ({
  old: Object.values(oldEnforcement(text)),
  new: Object.values(newEnforcement(text)),
});

const row = (tags: string) => importedPolicies.rows.find(([record]) => record === `\`${tags}\``);

describe('receivers of the old RFC and of the new, before a claim and after', () => {
  test.each([
    // the record in DNS                     old            new           hosted                        old        new
    ['p=none', [0, 0, 0], [0, 0, 0], 'p=none', [0, 0, 0], [0, 0, 0]],
    ['p=reject', [2, 2, 2], [2, 2, 2], 'p=reject', [2, 2, 2], [2, 2, 2]],
    ['p=reject; pct=0', [1, 1, 1], [2, 2, 2], 'p=quarantine', [1, 1, 1], [1, 1, 1]],
    ['p=reject; pct=50', [1.5, 1.5, 1.5], [2, 2, 2], 'p=quarantine', [1, 1, 1], [1, 1, 1]],
    ['p=reject; pct=100', [2, 2, 2], [2, 2, 2], 'p=reject', [2, 2, 2], [2, 2, 2]],
    ['p=quarantine; pct=10', [0.1, 0.1, 0.1], [1, 1, 1], 'p=none', [0, 0, 0], [0, 0, 0]],
    ['p=quarantine; pct=0', [0, 0, 0], [1, 1, 1], 'p=none', [0, 0, 0], [0, 0, 0]],
    ['p=reject; sp=none', [2, 0, 0], [2, 0, 0], 'p=reject; sp=none', [2, 0, 0], [2, 0, 0]],
    ['p=none; sp=reject', [0, 2, 2], [0, 2, 2], 'p=none; sp=reject', [0, 2, 2], [0, 2, 2]],
    [
      'p=reject; sp=quarantine; pct=0',
      [1, 0, 0],
      [2, 1, 1],
      'p=quarantine; sp=none',
      [1, 0, 0],
      [1, 0, 0],
    ],
    ['p=none; np=reject', [0, 0, 0], [0, 0, 2], 'p=none; np=reject', [0, 0, 0], [0, 0, 2]],
    [
      'p=reject; np=reject; pct=0',
      [1, 1, 1],
      [2, 2, 2],
      'p=quarantine; np=reject',
      [1, 1, 1],
      [1, 1, 2],
    ],
    ['p=reject; t=y', [2, 2, 2], [1, 1, 1], 'p=reject; t=y', [2, 2, 2], [1, 1, 1]],
    ['p=quarantine; t=y', [1, 1, 1], [0, 0, 0], 'p=quarantine; t=y', [1, 1, 1], [0, 0, 0]],
    ['p=reject; t=y; pct=0', [1, 1, 1], [1, 1, 1], 'p=quarantine', [1, 1, 1], [1, 1, 1]],
    [
      'p=reject; np=reject; t=y; pct=20',
      [1.2, 1.2, 1.2],
      [1, 1, 1],
      'p=quarantine; np=quarantine',
      [1, 1, 1],
      [1, 1, 1],
    ],
    ['sp=reject', [0, 0, 0], [0, 2, 2], 'p=none', [0, 0, 0], [0, 0, 0]],
    ['p=reject; sp=all', [0, 0, 0], [0, 0, 0], 'p=none', [0, 0, 0], [0, 0, 0]],
  ])('%s', async (tags, oldBefore, newBefore, hosted, oldAfter, newAfter) => {
    const record = `v=DMARC1; ${tags}`;
    expect(receivers(record)).toEqual({ old: oldBefore, new: newBefore });
    const { hosted: text, start } = await imported('example.com', { 'example.com': record });
    expect(text).toBe(`v=DMARC1; ${hosted}`);
    expect(receivers(text)).toEqual({ old: oldAfter, new: newAfter });
    const same = JSON.stringify([oldAfter, newAfter]) === JSON.stringify([oldBefore, newBefore]);
    expect(start).toMatch(
      same
        ? /^Nothing changes for your mail/
        : /^No receiver is stricter with your mail than today/,
    );
  });

  test('the table of the documents has these records, and no receiver is stricter by any row', () => {
    expect(importedPolicies.rows.map(([record]) => record)).toEqual(
      importedRecords.map((tags) => `\`${tags}\``),
    );
    expect(row('p=reject; pct=0')).toEqual([
      '`p=reject; pct=0`',
      'spam',
      'refused',
      '`p=quarantine`',
      'spam',
      'spam',
    ]);
    expect(row('p=quarantine; pct=10')?.slice(1)).toEqual([
      '10% spam, the rest delivered',
      'spam',
      '`p=none`',
      'delivered',
      'delivered',
    ]);
    for (const [before, , , after] of importedPolicies.rows) {
      const texts = [after, before].map((cell) => `v=DMARC1; ${cell!.replaceAll('`', '')}`);
      expect([before, isNoStricter(texts[0]!, texts[1]!)]).toEqual([before, true]);
    }
  });

  test('a subdomain starts one level below what its parent asks of a share of the mail', async () => {
    const parent = 'v=DMARC1; p=none; sp=reject; pct=0';
    const { hosted, start } = await imported('mail.example.com', { 'example.com': parent });
    expect(hosted).toBe('v=DMARC1; p=quarantine');
    expect(start).toContain('pct=0');
  });

  test('without a record nothing changes, and nothing is said where DNS is silent', async () => {
    const { hosted, start } = await imported('example.com', {});
    expect(hosted).toBe('v=DMARC1; p=none; sp=none');
    expect(start).toMatch(/^Nothing changes for your mail: no DMARC policy is in effect/);
    expect(initialDmarc({ kind: 'unknown' }, deployment)).toEqual({ dmarc: undefined });
  });

  test('no receiver is ever stricter, for any record', async () => {
    const disposition = fc.constantFrom('none', 'quarantine', 'reject', 'all');
    const record = fc
      .record(
        {
          p: disposition,
          sp: disposition,
          np: disposition,
          pct: fc.constantFrom('0', '1', '50', '99', '100', 'x'),
          t: fc.constantFrom('y', 'n'),
        },
        { requiredKeys: [] },
      )
      .map((tags) =>
        ['v=DMARC1', ...Object.entries(tags).map(([name, value]) => `${name}=${value}`)].join('; '),
      );
    await fc.assert(
      fc.asyncProperty(record, async (text) => {
        const { hosted } = await imported('example.com', { 'example.com': text });
        expect(isNoStricter(hosted, text)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});
