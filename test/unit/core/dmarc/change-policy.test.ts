import { describe, expect, test } from 'vitest';
import { changePolicy, type DmarcChange } from '#shared/core/dmarc/change-policy.ts';
import { composeDmarc, parseDmarc } from '#shared/core/dmarc/record.ts';
import { deployment } from '../../../fakes/given-claim.ts';

const present = { p: 'none', sp: 'none', rua: ['mailto:a@example.com'], psd: 'n' } as const;
const change = (wanted: DmarcChange) => changePolicy(present, wanted, deployment);

test('what is absent stays, what is null goes back to its default', () => {
  expect(change({ p: 'quarantine', sp: null, adkim: 's', t: 'y' })).toEqual({
    p: 'quarantine',
    rua: ['mailto:a@example.com'],
    psd: 'n',
    adkim: 's',
    t: 'y',
  });
  expect(change({})).toEqual(present);
  expect(change({ rua: null })).toEqual({ p: 'none', sp: 'none', psd: 'n' });
});

test('a change of p alone is one for subdomains too, whose stricter policy stays', () => {
  expect(change({ p: 'reject' })).not.toHaveProperty('sp');
  expect(change({ p: 'quarantine', sp: 'none' })).toMatchObject({ p: 'quarantine', sp: 'none' });
  const strict = { p: 'none', sp: 'reject' } as const;
  expect(changePolicy(strict, { p: 'quarantine' }, deployment)).toMatchObject({ sp: 'reject' });
  expect(changePolicy(strict, { adkim: 's' }, deployment)).toMatchObject({ sp: 'reject' });
});

test('before the policy in effect is known, p must be given', () => {
  expect(() => changePolicy(undefined, { sp: 'reject' }, deployment)).toThrow('give p');
  expect(changePolicy(undefined, { p: 'reject' }, deployment)).toEqual({ p: 'reject' });
});

test('every tag comes to the record, and removed ones never do', () => {
  const all = change({
    p: 'reject',
    sp: 'quarantine',
    np: 'reject',
    adkim: 's',
    aspf: 's',
    fo: '1:d',
    t: 'y',
    rua: ['mailto:a@example.com', 'mailto:a@example.com', 'mailto:b@example.net'],
    ruf: ['mailto:f@example.com'],
  });
  const record = composeDmarc(all);
  expect(record).toBe(
    'v=DMARC1; p=reject; sp=quarantine; np=reject; adkim=s; aspf=s; t=y; psd=n; rua=mailto:a@example.com,mailto:b@example.net; ruf=mailto:f@example.com; fo=1:d',
  );
  expect(parseDmarc(record)).toMatchObject({ p: 'reject', np: 'reject', fo: '1:d' });
});

describe('refused is', () => {
  test.each([
    [{ fo: '2' }, 'fo'],
    [{ fo: '1;' }, 'fo'],
    [{ rua: ['a@example.com'] }, 'mailto:'],
    [{ rua: ['https://example.com/x'] }, 'mailto:'],
    [{ rua: ['mailto:a@example.com;p=none'] }, 'mailto:'],
    [{ rua: ['mailto:a@example.com,mailto:b@example.com'] }, 'mailto:'],
    [{ ruf: ['mailto:a@example.com!10m'] }, 'mailto:'],
    [{ ruf: [`mailto:a@${'b.'.repeat(100)}example.com`] }, 'mailto:'],
    [{ rua: [`mailto:x@Reports.${deployment.zone}`] }, 'leave it out'],
    [{ rua: Array.from({ length: 6 }, (_, n) => `mailto:a${n}@example.com`) }, 'at most 5'],
  ] as [DmarcChange, string][])('%j', (wanted, why) => {
    expect(() => change(wanted)).toThrow(why);
  });
});
