import type { Claim } from '#shared/core/model/claim.ts';
import { currentKey } from '#shared/core/model/key-ring.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { slicesOf } from '#shared/core/slices.ts';
import { LABELS_PER_BATCH, type RevokeRequest } from '../../ports/rotation-requests.ts';
import { readApart } from '../../stored-items.ts';
import { insyncSinceOf } from '../dns-precheck.ts';
import { claimPages } from './claim-pages.ts';
import type { OperatorPorts } from './ports.ts';

/** The scope of an emergency. */
export interface EmergencyCount {
  /** Domains whose current key is (or would be) revoked. */
  readonly domains: number;
  /** Of these, those with another key on all of our name servers: signing goes on if DNS shows it. */
  readonly switching: number;
  /** The others: their mail waits until a key is fit. */
  readonly pausing: number;
}

/**
 * Has the current keys of a tenant's domains, or of all domains, revoked: counts them and, unless it
 * is a dry run, queues them. The keys are named, so that one that takes over meanwhile stays.
 */
export async function declareEmergency(
  tenant: TenantId | 'all',
  { dryRun }: { readonly dryRun: boolean },
  ports: OperatorPorts,
): Promise<EmergencyCount> {
  let [domains, switching] = [0, 0];
  for await (const page of claimPages(tenant, ports)) {
    const signing = page.filter(
      ({ lifecycle, keys }) => lifecycle === 'live' && currentKey(keys) !== undefined,
    );
    domains += signing.length;
    for (const [shard, claims] of Map.groupBy(signing, (claim) => claim.shard)) {
      const labels = claims.map(({ label }) => label);
      // One that is malformed only makes a domain count as pausing; its key is revoked all the same.
      const { found: published } = await readApart(labels, (some) =>
        ports.publications.get(shard, some),
      );
      switching += claims.filter((claim) =>
        claim.keys.some(
          (key) =>
            key.state !== 'current' &&
            key.state !== 'revoked' &&
            insyncSinceOf(claim, key, published.get(claim.label)) !== undefined,
        ),
      ).length;
      if (!dryRun) await ports.rotationQueue.send(revocations(shard, claims));
    }
  }
  return { domains, switching, pausing: domains - switching };
}

function revocations(shard: RevokeRequest['shard'], claims: readonly Claim[]): RevokeRequest[] {
  const keys = claims.flatMap(({ label, keys: ring }) => {
    const current = currentKey(ring);
    return current === undefined ? [] : [{ label, keyId: current.id }];
  });
  return slicesOf(keys, LABELS_PER_BATCH).map((some) => ({ kind: 'revoke', shard, keys: some }));
}
