import { describe, expect, it } from 'vitest';
import { apiKeyOf, hashApiKey } from '#shared/core/model/api-key.ts';
import type { ApiKey } from '#shared/app/ports/tenant-store.ts';
import type { TenantState } from '#shared/core/model/tenant-state.ts';
import { smtpSubmission, type SubmissionPorts } from '../../../smtp/submission.ts';
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

const signIn = async (changes: Partial<ApiKey> | undefined, state?: TenantState) =>
  smtpSubmission({
    tenants: {
      keyByHash: async (hash: string) =>
        changes !== undefined && hash === stored.hash ? { ...stored, ...changes } : undefined,
      stateOf: async () => state,
    },
  } as unknown as SubmissionPorts).signIn(key);

describe('a sign-in by SMTP', () => {
  it('is the tenant of a key with the scope messages, and its strictness', async () => {
    expect(await signIn({})).toEqual({ kind: 'ok', identity: { tenant, strict: false } });
    expect(await signIn({ strict: true })).toEqual({
      kind: 'ok',
      identity: { tenant, strict: true },
    });
  });

  it.each([
    ['is unknown', undefined, /not known/],
    ['was revoked', { revokedAt: '2026-11-29T01:00:00.000Z' }, /revoked/],
    ['lacks the scope', { scopes: ['domains'] as const }, /scope messages/],
  ])('is refused where the key %s', async (_, changes, reason) => {
    const refused = await signIn(changes);
    expect(refused).toEqual({ kind: 'refused', reason: expect.stringMatching(reason) as string });
  });

  it.each(['suspended', 'closed'] as const)('says where the tenant is %s', async (status) => {
    expect(await signIn({}, { status })).toEqual({
      kind: status,
      identity: { tenant, strict: false },
    });
  });
});
