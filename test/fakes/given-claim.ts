import { newClaim, type Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import { newKeyRing } from '#shared/core/model/key-ring.ts';
import {
  encodeRandom128,
  keyIdOf,
  labelOf,
  type DomainName,
  type Selector,
  type ShardName,
  type TenantId,
} from '#shared/core/model/names.ts';

export const deployment: Deployment = {
  zone: 'sd.example.net' as DomainName,
  shards: 2,
  region: 'eu-west-1',
  selectors: ['zero', 'one', 'two'] as unknown as Deployment['selectors'],
  bounceLabel: 'bounces',
  senders: ['include:amazonses.com'],
};

let births = 0;

/** Begins with the first identifiers again, so that those of a file depend on no other file. */
export function resetIdentifiers(): void {
  births = 0;
}

/** 16 bytes that no other call gives. */
function distinct(): Uint8Array {
  births += 1;
  const bytes = new Uint8Array(16);
  new DataView(bytes.buffer).setUint32(12, births);
  return bytes;
}

export const givenTenant = (): TenantId => `t_${encodeRandom128(distinct())}` as TenantId;

/** A newborn claim with a label and keys of its own, changed as the test wants. */
export function givenClaim(changes: Partial<Claim> = {}): Claim {
  const createdAt = changes.createdAt ?? '2026-11-01T00:00:00.000Z';
  const key = (selector: Selector) => ({
    id: keyIdOf(distinct()),
    selector,
    algorithm: 'rsa-sha256' as const,
    publicKey: Buffer.from(`public ${selector}`).toString('base64'),
    wrappedPrivateKey: Buffer.from(`wrapped ${selector}`).toString('base64'),
    createdAt,
  });
  const [zero, one, two] = deployment.selectors;
  const claim = newClaim({
    tenant: givenTenant(),
    domain: 'example.com' as DomainName,
    label: labelOf(distinct()),
    shard: 's1.sd.example.net' as ShardName,
    keys: newKeyRing([key(zero), key(one), key(two)]),
    dmarc: { p: 'none', sp: 'none' },
    createdAt,
  });
  return { ...claim, ...changes };
}
