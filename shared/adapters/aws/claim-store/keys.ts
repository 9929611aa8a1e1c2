import type { Claim, ClaimKey } from '#shared/core/model/claim.ts';
import type { DomainName, KeyId, Label, ShardName, TenantId } from '#shared/core/model/names.ts';
import type { Item } from '../item.ts';

/** The key of an item in the claims table. */
export type ItemKey = { readonly pk: string; readonly sk: string };

/** The keys of the claims table; docs/architecture.md describes the items under each. */
export const at = {
  claim: ({ tenant, domain }: ClaimKey) => ({ pk: `tenant#${tenant}`, sk: `claim#${domain}` }),
  pending: (tenant: TenantId) => ({ pk: `tenant#${tenant}`, sk: 'pending' }),
  request: (tenant: TenantId, key: string) => ({ pk: `tenant#${tenant}`, sk: `request#${key}` }),
  former: ({ tenant, domain }: ClaimKey) => ({ pk: `tenant#${tenant}`, sk: `expired#${domain}` }),
  holder: (domain: DomainName) => ({ pk: `domain#${domain}`, sk: 'holder' }),
  claims: (domain: DomainName) => ({ pk: `domain#${domain}`, sk: 'claims' }),
  selfHosted: ({ domain, label }: Pick<Claim, 'domain' | 'label'>) => ({
    pk: `domain#${domain}`,
    sk: `self#${label}`,
  }),
  below: (domain: DomainName) => ({ pk: `domain#${domain}`, sk: 'below' }),
  label: (label: Label) => ({ pk: `label#${label}`, sk: 'label' }),
  pastKey: (label: Label, id: KeyId) => ({ pk: `label#${label}`, sk: `key#${id}` }),
  shard: (shard: ShardName) => ({ pk: `shard#${shard}`, sk: 'count' }),
};

/** Names a key as text, for maps. */
export const keyText = ({ pk, sk }: Item): string => `${String(pk)} ${String(sk)}`;

/** Makes the condition that a claim still is the one that was read: the same version of the same label. */
export const unchangedClaim = (claim: Claim) => ({
  Key: at.claim(claim),
  ConditionExpression: '#version = :version AND #label = :label',
  ExpressionAttributeNames: { '#version': 'version', '#label': 'label' },
  ExpressionAttributeValues: { ':version': claim.version, ':label': claim.label },
});
