import { beforeEach, describe, expect, it } from 'vitest';
import { apiKeyOf, hashApiKey } from '#shared/core/model/api-key.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';
import { smtpSubmission, type SubmissionPorts } from '../../../smtp/submission.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import { tenantOf } from './given-service.ts';

const key = apiKeyOf(new Uint8Array(32).fill(1));
const tenant = tenantOf(1);
const stored: ApiKey = {
  hash: hashApiKey(key),
  tenant,
  prefix: key.slice(0, 8),
  scopes: ['messages'],
  createdAt: '2026-11-29T00:00:00.000Z',
};

let uses: unknown[] = [];
beforeEach(() => {
  uses = [];
});

const signIn = async (changes: Partial<ApiKey> | undefined, state?: TenantState) =>
  smtpSubmission({
    tenants: {
      keyByHash: async (hash: string) =>
        changes !== undefined && hash === stored.hash ? { ...stored, ...changes } : undefined,
      stateOf: async () => state,
    },
    noteKeyUse: async (...use: unknown[]) => void uses.push(use),
    clock: { now: () => new Date('2026-12-01T00:00:00.000Z') },
  } as unknown as SubmissionPorts).signIn(key, '192.0.2.1');

describe('a sign-in by SMTP', () => {
  it('is the tenant of a key with the scope messages, and its strictness', async () => {
    expect(await signIn({})).toEqual({ kind: 'ok', identity: { tenant, strict: false } });
    expect(await signIn({ strict: true })).toEqual({
      kind: 'ok',
      identity: { tenant, strict: true },
    });
    expect(uses).toEqual([
      [stored.hash, tenant, '192.0.2.1'],
      [stored.hash, tenant, '192.0.2.1'],
    ]);
  });

  it('is kept to the domains of the key, and allowed from its addresses until its end', async () => {
    const domains = ['a.example' as DomainName];
    const addresses = ['192.0.2.0/24'];
    const expiresAt = '2026-12-01T00:00:00.001Z';
    expect(await signIn({ domains, addresses, expiresAt, scopes: ['messages:send'] })).toEqual({
      kind: 'ok',
      identity: { tenant, strict: false, domains },
    });
  });

  it('of some domains refuses a header of another before the mail has come', async () => {
    const service = smtpSubmission({} as SubmissionPorts);
    const identity = { tenant, strict: false, domains: ['a.example' as DomainName] };
    const header = (from: string) =>
      service.checkHeader(
        identity,
        Buffer.from(`From: ann@${from}\r\nSender: bob@b.example\r\n\r\n`),
      );
    expect(await header('b.example')).toMatchObject({ code: 'from-refused' });
    expect(await header('a.example')).toMatchObject({ code: 'sender-refused' });
  });

  it.each([
    ['is unknown', undefined, /not known/],
    ['was revoked', { revokedAt: '2026-11-29T01:00:00.000Z' }, /revoked/],
    ['lacks the scope', { scopes: ['domains'] as const }, /scope messages:send/],
    ['only reads', { scopes: ['messages:read'] as const }, /scope messages:send/],
    ['has ended', { expiresAt: '2026-12-01T00:00:00.000Z' }, /end, which is past/],
    ['is for others', { addresses: ['198.51.100.0/24'] }, /not for use from 192\.0\.2\.1/],
  ])('is refused where the key %s', async (_, changes, reason) => {
    const refused = await signIn(changes);
    expect(refused).toEqual({ kind: 'refused', reason: expect.stringMatching(reason) as string });
    expect(uses).toEqual([]);
  });

  it.each(['suspended', 'closed'] as const)('says where the tenant is %s', async (status) => {
    expect(await signIn({}, { status })).toEqual({
      kind: status,
      identity: { tenant, strict: false },
    });
  });
});
