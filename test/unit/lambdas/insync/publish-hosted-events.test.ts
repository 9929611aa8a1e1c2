import { expect, test } from 'vitest';
import { deletedClaim } from '#shared/core/model/claim.ts';
import { publishHostedEvents } from '../../../../lambdas/insync/publish-hosted-events.ts';
import { MemoryClaimStore } from '../../../fakes/claim-store.ts';
import { MemoryEventBus } from '../../../fakes/event-bus.ts';
import { givenClaim } from '../../../fakes/given-claim.ts';

const at = '2026-11-20T10:00:00.000Z';
const limits = { pendingPerTenant: 50, claimsPerShard: 1_000 };

test('that claims are published is reported to their tenants, again as the same events', async () => {
  const [claims, bus] = [new MemoryClaimStore(), new MemoryEventBus()];
  const [one, deleted] = [givenClaim(), givenClaim()];
  for (const claim of [one, deleted]) await claims.create(claim, limits);
  await claims.update(deleted, deletedClaim(deleted, at));
  const labels = [one.label, deleted.label, givenClaim().label];

  await publishHostedEvents({ claims, bus }, labels, at);
  await publishHostedEvents({ claims, bus }, labels, at);
  expect(bus.events).toMatchObject([
    { type: 'domain.published', tenant: one.tenant, at, data: { domain: one.domain } },
    { id: bus.events[0]!.id },
  ]);
});
