import type { TenantId } from '#shared/core/model/names.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import type { Memberships } from '../ports/memberships.ts';
import type { PlatformStore } from '../ports/platform-store.ts';
import type { SuppressionStore } from '../ports/suppression-store.ts';
import type { TenantStore } from '../ports/tenant-store.ts';
import { deletedSince, removedSince, type SincePorts, suppressedSince } from './since.ts';

/** The tables in use. */
export interface InUse extends SincePorts {
  readonly now: () => Date;
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly platforms: Pick<PlatformStore, 'list'>;
}

/** Restored tables; absent where the table was not restored. */
export interface Restored {
  readonly tenants?: Pick<TenantStore, 'get' | 'revoke' | 'changeState'>;
  readonly platforms?: Pick<PlatformStore, 'revoke'>;
  readonly memberships?: Pick<Memberships, 'in' | 'put'>;
  readonly suppressions?: Pick<SuppressionStore, 'addAll'>;
}

/**
 * Repeats in restored tables what was decided since their time and must not be undone: revoked keys
 * of the API, suspended and closed tenants, removed users, and addresses that are not to be mailed.
 * Done again it changes nothing more. What people can do again without harm (webhooks, contacts) stays
 * as it was at the time.
 *
 * @param log receives what is done, in words
 */
export async function keepDecisions(
  at: Date,
  inUse: InUse,
  restored: Restored,
  log: (line: string) => void,
): Promise<void> {
  const from = at.toISOString();
  if (restored.platforms !== undefined)
    await revokePlatformKeys(from, inUse, restored.platforms, log);
  for (const { tenant, keys } of await inUse.tenants.list()) {
    if (restored.tenants !== undefined) {
      for (const { hash, prefix, revokedAt } of keys) {
        if (revokedAt === undefined || revokedAt < from) continue;
        if (await restored.tenants.revoke(hash, revokedAt)) {
          log(`the API key ${prefix}... of ${tenant.name} stays revoked`);
        }
      }
      const { state = activeState } = tenant;
      const copy = await restored.tenants.get(tenant.id);
      const isDecided = state.status !== 'active' && (state.since ?? '') >= from;
      if (isDecided && copy !== undefined && copy.state?.status !== state.status) {
        await restored.tenants.changeState(copy, state);
        log(`the tenant ${tenant.name} stays ${state.status}`);
      }
    }
    if (restored.memberships !== undefined) {
      await endMemberships(tenant.id, at, inUse, restored.memberships, log);
    }
    if (restored.suppressions !== undefined) {
      const added = await suppressedSince(tenant.id, from, inUse);
      if (added.length === 0) continue;
      const count = await restored.suppressions.addAll(tenant.id, added);
      log(`${count} addresses stay on the suppression list of ${tenant.name}`);
    }
  }
}

async function revokePlatformKeys(
  from: string,
  { platforms }: Pick<InUse, 'platforms'>,
  restored: Pick<PlatformStore, 'revoke'>,
  log: (line: string) => void,
): Promise<void> {
  for (const { platform, keys } of await platforms.list()) {
    for (const { hash, prefix, revokedAt } of keys) {
      if (revokedAt === undefined || revokedAt < from) continue;
      if (await restored.revoke(hash, revokedAt)) {
        log(`the key ${prefix}... of the platform ${platform.name} stays revoked`);
      }
    }
  }
}

async function endMemberships(
  tenant: TenantId,
  at: Date,
  inUse: SincePorts & Pick<InUse, 'now'>,
  restored: Pick<Memberships, 'in' | 'put'>,
  log: (line: string) => void,
): Promise<void> {
  const from = at.toISOString();
  const deleted = await deletedSince(tenant, from, inUse);
  const removed = await removedSince(tenant, from, deleted, inUse);
  if (removed.size === 0) return;
  const copies = new Map((await restored.in(tenant)).map((one) => [one.user, one]));
  for (const [user, ended] of removed) {
    const copy = copies.get(user);
    if (copy?.endedAt !== undefined) continue;
    // One who was a user before there were memberships has none in the copy.
    const next = ended ?? (copy && { ...copy, endedAt: inUse.now().toISOString() });
    if (next === undefined) continue;
    await restored.put(next);
    log(`the user ${user} stays removed from ${tenant}`);
  }
}
