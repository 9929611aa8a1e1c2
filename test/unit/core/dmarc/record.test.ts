import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import {
  composeDmarc,
  isDmarcRecord,
  parseDmarc,
  type DmarcRecord,
} from '#shared/core/dmarc/record.ts';

const defaults: DmarcRecord = {
  p: 'none',
  adkim: 'r',
  aspf: 'r',
  fo: '0',
  t: 'n',
  psd: 'u',
  rua: [],
  ruf: [],
};

describe('parseDmarc', () => {
  test.each<[string, Partial<DmarcRecord>]>([
    ['v=DMARC1', { isImplicit: true }],
    ['v=DMARC1;', { isImplicit: true }],
    ['v=DMARC1; p=reject', { p: 'reject' }],
    ['V = DMARC1 ;P=Quarantine;', { p: 'quarantine' }],
    ['v=DMARC1;p=reject;sp=quarantine;np=none', { p: 'reject', sp: 'quarantine', np: 'none' }],
    ['v=DMARC1; p=none; adkim=S; aspf=s; t=y; psd=n', { adkim: 's', aspf: 's', t: 'y', psd: 'n' }],
    ['v=DMARC1; p=none; adkim=x; aspf=; t=maybe; psd=1', {}],
    [
      'v=DMARC1; p=none; ruf=mailto:f@example.com; fo=1:d',
      { ruf: ['mailto:f@example.com'], fo: '1:d' },
    ],
    ['v=DMARC1; p=none; fo=2', {}],
    [
      'v=DMARC1; p=none; rua=mailto:a@example.com!10m, https://r.example/x ,nonsense,,mailto:a@example.com',
      { rua: ['mailto:a@example.com', 'https://r.example/x'] },
    ],
    // Removed and unknown tags, and what is no tag at all.
    [
      'v=DMARC1; p=reject; pct=50; rf=afrf; ri=86400; new=thing; junk; =x; 9=y',
      { p: 'reject', pct: 50 },
    ],
    ['v=DMARC1; p=reject; pct=100', { p: 'reject' }],
    ['v=DMARC1; p=reject; pct=half', { p: 'reject' }],
    // The first of a tag counts.
    ['v=DMARC1; p=reject; p=none', { p: 'reject' }],
    // RFC 9989 §4.10.1: a broken request makes the whole record ask for nothing.
    ['v=DMARC1; p=rejct; rua=mailto:a@example.com', { rua: ['mailto:a@example.com'] }],
    ['v=DMARC1; p=reject; sp=quarantin', {}],
    ['v=DMARC1; p=reject; np=', {}],
    ['v=DMARC1; rua=mailto:a@example.com', { rua: ['mailto:a@example.com'], isImplicit: true }],
  ])('%s', (text, expected) => {
    expect(parseDmarc(text)).toEqual({ ...defaults, ...expected });
  });

  test.each([
    '',
    'v=spf1 -all',
    'p=none; v=DMARC1',
    'v=DMARC2; p=none',
    'v=dmarc1; p=none',
    'v=DMARC10',
    ' v=DMARC1',
    'vv=DMARC1',
  ])('%j is no DMARC record', (text) => {
    expect(isDmarcRecord(text)).toBe(false);
    expect(parseDmarc(text)).toBeUndefined();
  });

  test('no text breaks it', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (octets) => {
        const text = Buffer.from(octets).toString('latin1');
        expect(parseDmarc(`v=DMARC1;${text}`)).toBeDefined();
      }),
    );
  });
});

describe('composeDmarc', () => {
  test('says only what differs from the default, in the order old receivers expect', () => {
    expect(composeDmarc({ p: 'none' })).toBe('v=DMARC1; p=none');
    expect(
      composeDmarc({
        rua: ['mailto:a@example.com', 'mailto:b@example.com'],
        ruf: ['mailto:f@example.com'],
        fo: '1',
        adkim: 's',
        aspf: 's',
        np: 'reject',
        sp: 'quarantine',
        p: 'reject',
        t: 'y',
        psd: 'n',
      }),
    ).toBe(
      'v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=s; t=y; psd=n; rua=mailto:a@example.com,mailto:b@example.com; ruf=mailto:f@example.com; fo=1',
    );
    expect(composeDmarc({ p: 'none', adkim: 'r', aspf: 'r', t: 'n', fo: '1', rua: [] })).toBe(
      'v=DMARC1; p=none',
    );
  });

  test('every policy reads back as it was', () => {
    const disposition = fc.constantFrom('none', 'quarantine', 'reject');
    const uris = fc.uniqueArray(
      fc
        .emailAddress()
        .filter((address) => !/[,;!]/.test(address))
        .map((address) => `mailto:${address}`),
      { maxLength: 3 },
    );
    const policies = fc.record(
      {
        p: disposition,
        sp: disposition,
        np: disposition,
        adkim: fc.constantFrom('r', 's'),
        aspf: fc.constantFrom('r', 's'),
        t: fc.constantFrom('y', 'n'),
        psd: fc.constantFrom('y', 'n'),
        fo: fc.constantFrom('0', '1', 'd', 's', 'd:s'),
        rua: uris,
        ruf: uris,
      },
      { requiredKeys: ['p'] },
    );
    fc.assert(
      fc.property(policies, (given) => {
        const policy = given as DmarcPolicy;
        const { fo, ...read } = parseDmarc(composeDmarc(policy)) as DmarcRecord;
        const { fo: wanted = '0', ...rest } = policy;
        const { fo: _, ...defaultTags } = defaults;
        expect(read).toEqual({ ...defaultTags, ...rest });
        expect(fo).toBe((policy.ruf ?? []).length > 0 ? wanted : '0');
      }),
    );
  });
});
