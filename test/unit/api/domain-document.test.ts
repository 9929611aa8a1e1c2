import { describe, expect, test } from 'vitest';
import { domainDocument, type ClaimSurroundings } from '#shared/api/domain-document.ts';
import { domainDocument as schema } from '#shared/api/routes/domain-schemas.ts';
import { deletedClaim, type Claim } from '#shared/core/model/claim.ts';
import { deployment, givenClaim } from '../../fakes/given-claim.ts';

const at = (seconds: number) => new Date(Date.parse('2026-11-01T00:00:00.000Z') + seconds * 1000);
const document = (claim: Claim, surroundings: ClaimSurroundings = {}, now: Date = at(60)) =>
  schema.parse(domainDocument(claim, surroundings, deployment, now));
const identity = (status: 'preparing' | 'ready' | 'failed' = 'ready') => ({
  status,
  token: 'token',
  hasMailFrom: true,
});
const record = (shown: ReturnType<typeof document>, id: string) =>
  shown.records.find((one) => one.id === id);

describe('the document of a domain', () => {
  test('of a newborn claim has everything to publish and knows nothing of DNS', () => {
    const claim = givenClaim({ dmarc: undefined });
    const shown = document(claim);
    expect(shown).toMatchObject({
      name: 'example.com',
      status: 'pending',
      sending: 'preparing',
      lifecycle: 'live',
      dkim: { current: 'zero', next: 'one', previous: null, rotatesAt: null },
      dmarc: null,
      spf: {
        mechanisms: [],
        all: '~all',
        flattened: [],
        record: 'v=spf1 include:amazonses.com ~all',
        lookups: 2,
      },
      createdAt: claim.createdAt,
      verifiedAt: null,
    });
    expect(shown.records.map(({ status }) => status)).toEqual([
      'unknown',
      'unknown',
      'unknown',
      'preparing',
      'unknown',
      'unknown',
      'unknown',
      'unknown',
    ]);
    expect(record(shown, 'ses-identity')).toMatchObject({ value: '', observed: [], hint: null });
    expect(shown).not.toHaveProperty('problem');
    expect(shown).not.toHaveProperty('deletedAt');
  });

  test('shows neither tenant nor key ids, nor what wraps private keys', () => {
    const claim = givenClaim({ status: 'verified' });
    const text = JSON.stringify(document(claim));
    expect(text).not.toContain(claim.tenant);
    for (const key of claim.keys) {
      expect(text).not.toContain(key.wrappedPrivateKey);
      expect(text).not.toContain(key.id);
    }
  });

  test('shows what the last check saw of each record', () => {
    const result = {
      checkedAt: at(1).toISOString(),
      records: [
        { id: 'dkim-zero', status: 'ok', observed: ['x'] },
        { id: 'spf', status: 'missing', observed: [], hint: 'Add it.' },
        { id: 'ses-identity', status: 'preparing', observed: [], hint: 'Wait.' },
      ],
    } as const;
    const shown = document(givenClaim(), { result, identity: identity() });
    expect(record(shown, 'dkim-zero')).toMatchObject({ status: 'ok', observed: ['x'], hint: null });
    expect(record(shown, 'spf')).toMatchObject({ status: 'missing', hint: 'Add it.' });
    expect(record(shown, 'ses-identity')).toMatchObject({ value: 'token', status: 'unknown' });
    const early = document(givenClaim(), { result });
    expect(record(early, 'ses-identity')).toMatchObject({
      value: '',
      status: 'preparing',
      hint: null,
    });
  });

  test('shows the policy we host, and the record it makes', () => {
    const dmarc = { p: 'reject', rua: ['mailto:me@example.com'] } as const;
    const claim = givenClaim({ dmarc });
    expect(document(claim).dmarc).toEqual({
      p: 'reject',
      rua: ['mailto:me@example.com'],
      ruf: [],
      record: `v=DMARC1; p=reject; rua=mailto:${claim.label}@reports.sd.example.net,mailto:me@example.com`,
      start: null,
      plan: null,
      history: [],
    });
  });

  test('says so where publishing is parked, and since when a claim is being deleted', () => {
    const parked = { reason: 'Route 53 refuses it', since: at(5).toISOString(), claimVersion: 1 };
    expect(document(givenClaim(), { publication: { parked } }).problem).toEqual({
      detail: 'Route 53 refuses it',
      since: at(5).toISOString(),
    });
    const deleted = deletedClaim(givenClaim(), at(9).toISOString());
    expect(document(deleted)).toMatchObject({
      lifecycle: 'deleting',
      deletedAt: at(9).toISOString(),
    });
    expect(document(deleted).records).toEqual(
      document(givenClaim({ ...deleted, lifecycle: 'live' })).records,
    );
  });
});

describe('what other tenants have', () => {
  test.each(['pending', 'lost'] as const)('does not show in sending while %s', (status) => {
    for (const state of ['preparing', 'ready', 'failed'] as const) {
      const shown = document(givenClaim({ status }), { identity: identity(state) });
      expect(shown.sending).toBe('preparing');
    }
  });

  test('sending is the identity’s once the domain is proven', () => {
    for (const status of ['verified', 'at-risk'] as const) {
      expect(document(givenClaim({ status }), { identity: identity('failed') }).sending).toBe(
        'failed',
      );
      expect(document(givenClaim({ status })).sending).toBe('preparing');
    }
  });

  test('a domain that waits for the operator says so, and not why', () => {
    const shown = document(givenClaim(), { identity: { status: 'held' } });
    expect(shown.sending).toBe('held');
    expect(record(shown, 'ses-identity')).toMatchObject({
      value: '',
      status: 'preparing',
      hint: expect.stringContaining('operator'),
    });
  });
});

const rotatesAt = (now: string, claim: Claim) => document(claim, {}, new Date(now)).dkim.rotatesAt;
const signing = (since: string) => givenClaim({ status: 'verified', verifiedAt: since });

describe('rotatesAt', () => {
  test.each([
    ['2026-11-20T10:00:00Z', '2026-11-05T00:00:00.000Z', '2026-12-01T00:00:00.000Z'],
    ['2026-12-31T23:59:59Z', '2026-11-05T00:00:00.000Z', '2027-01-01T00:00:00.000Z'],
    ['2026-11-30T10:00:00Z', '2026-11-29T12:00:00.000Z', '2026-12-13T12:00:00.000Z'],
  ])('at %s, signing since %s: %s', (now, since, expected) => {
    expect(rotatesAt(now, signing(since))).toBe(expected);
  });

  test('a key that was promoted counts from then', () => {
    const claim = signing('2026-01-01T00:00:00.000Z');
    const [zero, one, two] = claim.keys;
    const keys = [{ ...zero, since: '2026-11-25T00:00:00.000Z' }, one, two] as const;
    expect(rotatesAt('2026-11-26T00:00:00Z', { ...claim, keys })).toBe('2026-12-09T00:00:00.000Z');
  });
});
