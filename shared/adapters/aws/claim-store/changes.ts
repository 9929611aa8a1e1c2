import { PutCommand, type DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import {
  countsAsPending,
  isParked,
  isSelfHosted,
  lostClaim,
  type Claim,
  type Holder,
} from '#shared/core/model/claim.ts';
import { isReclaimable } from '#shared/core/model/expiry.ts';
import { claimChange } from '#shared/app/audit/claim-view.ts';
import type { AuditTrail } from '../audit-trail.ts';
import { conditionally, transact, type TransactWrite } from '../dynamo.ts';
import { putWaiting } from '../waiting-key.ts';
import { labelItem } from './create.ts';
import { at } from './keys.ts';
import type { ClaimReads } from './reads.ts';
import { keyReused, tooManyPending } from './refusals.ts';
import type { ClaimWrites } from './writes.ts';

type ClaimChanges = Pick<ClaimStore, 'update' | 'changeKeys' | 'hold' | 'release' | 'retire'>;

/**
 * Changes claims that are there, each on the condition that it is the one that was read.
 *
 * @param disclosures the table that keys to be disclosed go to; none where none are
 */
export function claimChanges(
  client: DynamoDBDocumentClient,
  reads: ClaimReads,
  writes: ClaimWrites & { readonly trail: AuditTrail },
  disclosures: string | undefined,
): ClaimChanges {
  const { add, put, putOver, remove, removeClaim, removeRequest, replaceClaim } = writes;
  const { pendingChange, request, selfHostedChange, trail } = writes;

  /** Ends the holding by this claim; whether it holds can only change with the claim's own version. */
  const endHolding = async (claim: Claim): Promise<TransactWrite[]> => {
    const held = await reads.holder(claim.domain);
    return held?.label === claim.label ? [remove(at.holder(claim.domain))] : [];
  };

  /** With the entry of the audit log; one plain conditional put where nothing else is written with it. */
  const write = async (
    before: Claim,
    next: Claim,
    others: readonly TransactWrite[],
    onConditionFailed?: (failed: readonly TransactWrite[]) => void,
  ): Promise<void> => {
    const what = `the claim of ${next.domain}`;
    const replaced = replaceClaim(before, next);
    const entries = trail.entriesOf(claimChange(before, next));
    if (others.length + entries.length === 0) {
      await conditionally(what, () => client.send(new PutCommand(replaced)));
      return;
    }
    const all = [{ Put: replaced }, ...others, ...entries];
    await transact(client, what, all, (failed) => {
      if (!failed.includes(0))
        onConditionFailed?.(failed.map((index) => all[index] as TransactWrite));
    });
  };

  /** The claim of a holder becomes lost, where it still is the holder's. */
  const loseTo = async (present: Holder | undefined, now: string): Promise<TransactWrite[]> => {
    const rival = present && (await reads.get(present));
    if (rival === undefined || rival.label !== present?.label || rival.status === 'lost') return [];
    const lost = lostClaim(rival, now);
    const change = { ...claimChange(rival, lost), isBystander: true } as const;
    return [{ Put: replaceClaim(rival, lost) }, ...trail.entriesOf(change)];
  };

  return {
    async update(before, next, limits) {
      const pending = pendingChange(before, next, limits?.pendingPerTenant);
      const requests =
        next.idempotencyKey === undefined || next.idempotencyKey === before.idempotencyKey
          ? []
          : [...removeRequest(before), request(next, next.idempotencyKey)];
      const hosting = selfHostedChange(before, next);
      await write(before, next, [...pending, ...requests, ...hosting], (failed) => {
        if (failed.some((one) => pending.includes(one)))
          throw tooManyPending(limits?.pendingPerTenant);
        throw keyReused();
      });
    },

    async changeKeys(before, next, gone, toDisclose = []) {
      const past = gone.map((key) => put({ ...at.pastKey(next.label, key.id), ...key }));
      const kept =
        disclosures === undefined ? [] : toDisclose.map((key) => putWaiting(disclosures, key));
      await write(before, next, [...past, ...kept]);
    },

    async hold(before, next, now) {
      const { domain, tenant, label } = next;
      const present = await reads.holder(domain);
      if (present?.label === label) return write(before, next, pendingChange(before, next));
      const taken: Holder = { domain, tenant, label, since: now };
      await write(before, next, [
        putOver({ ...at.holder(domain), ...taken }, present?.label),
        ...(await loseTo(present, now)),
        ...pendingChange(before, next),
      ]);
    },

    async release(before, next) {
      await write(before, next, [...(await endHolding(before)), ...pendingChange(before, next)]);
    },

    async retire(before, retired) {
      const { domain, shard, tenant } = before;
      await transact(client, `the claim of ${domain}`, [
        removeClaim(before),
        put({ ...labelItem(before), tombstone: retired }),
        ...(isParked(before) ? [] : [add(at.claims(domain), -1)]),
        ...(await endHolding(before)),
        ...removeRequest(before),
        ...(countsAsPending(before) ? [add(at.pending(tenant), -1)] : []),
        ...(isSelfHosted(before) ? [remove(at.selfHosted(before))] : []),
        ...(retired.lifecycle === 'expired' ? [add(at.shard(shard), -1)] : []),
        ...(isReclaimable(retired) ? [put({ ...at.former(retired), label: retired.label })] : []),
        ...trail.entriesOf(claimChange(before, undefined)),
      ]);
      return { lastOfDomain: (await reads.countOf([at.claims(domain)]))[0] === 0 };
    },
  };
}
