import { claimDomain } from '#shared/app/claims/claim-domain.ts';
import { mapLimited } from '#shared/async/limit.ts';
import { rotate } from '#shared/core/model/key-ring.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';
import { breakDomains } from './breaks.ts';
import type { CastDomain, Story } from './cast.ts';
import { AT_ONCE, changeClaim, type SampleTenant, type Stage } from './stage.ts';
import { whenPublishable, writeZones } from './zones.ts';

/** Claims the domains, and has each come to what its story says by a check of its DNS. */
export async function addDomains(tenant: SampleTenant, stage: Stage): Promise<void> {
  const { past, ports } = stage;
  const claiming = ports.claimedAt(past.claimed);
  await mapLimited(tenant.domains, AT_ONCE, ({ name, story }) =>
    claimDomain(
      {
        tenant: tenant.id,
        name,
        idempotencyKey: undefined,
        ...(story === 'parked' ? { purpose: 'parked' as const } : {}),
        ...(story === 'self-hosted' ? { hosting: 'self' as const } : {}),
      },
      claiming,
    ),
  );
  const documents = await whenPublishable(tenant);
  await writeZones(tenant, documents, stage);
  const proven = tenant.domains.filter(({ story }) => provenStories.has(story));
  await mapLimited(proven, AT_ONCE, (domain) => prove(tenant.id, domain, stage));
  await breakDomains(tenant, documents, stage);
}

const provenStories: ReadonlySet<Story> = new Set([
  'healthy',
  'one-record-gone',
  'no-keys',
  'lost',
  'parked',
  'deleting',
]);

/** Has a domain proven some hours after it was claimed, and its keys rotated at the last rotation. */
async function prove(tenant: TenantId, { name, story }: CastDomain, stage: Stage): Promise<void> {
  const { past, ports } = stage;
  const verifiedAt = later(past.claimed, 2 * HOUR_MS);
  await changeClaim(
    tenant,
    name,
    (claim) =>
      ports.claims.hold(
        claim,
        {
          ...claim,
          version: claim.version + 1,
          status: 'verified',
          statusSince: verifiedAt,
          verifiedAt,
          seenAt: verifiedAt,
        },
        verifiedAt,
      ),
    stage,
  );
  if (story === 'parked') return;
  await changeClaim(
    tenant,
    name,
    async (claim) => {
      const step = {
        promote: 'next',
        fresh: undefined,
        signingSince: verifiedAt,
        insyncSince: verifiedAt,
      } as const;
      const keys = rotate(claim.keys, step, past.rotation);
      const rotated = { period: past.rotation.slice(0, 7), wave: 3, at: past.rotation };
      await ports.claims.changeKeys(
        claim,
        { ...claim, version: claim.version + 1, keys, rotated },
        [],
      );
    },
    stage,
  );
}
