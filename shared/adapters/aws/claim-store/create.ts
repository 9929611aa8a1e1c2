import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { ShardFull, type ClaimStore } from '#shared/app/ports/claim-store.ts';
import { isParked, type Claim } from '#shared/core/model/claim.ts';
import { namesAbove } from '#shared/core/model/names.ts';
import { claimChange } from '#shared/app/audit/claim-view.ts';
import type { AuditTrail } from '../audit-trail.ts';
import { transact } from '../dynamo.ts';
import { at, keyText } from './keys.ts';
import type { ClaimReads } from './reads.ts';
import { alreadyClaimed, keyReused, tooManyPending } from './refusals.ts';
import type { ClaimWrites } from './writes.ts';

/** Makes a claim, its label, marks and counters in one transaction. */
export const createClaim =
  (
    client: DynamoDBDocumentClient,
    { readMany }: ClaimReads,
    writing: ClaimWrites & { readonly trail: AuditTrail },
  ): ClaimStore['create'] =>
  async (claim, limits, former) => {
    const { add, put, putNew, putOverRetired, remove, request, selfHostedChange, trail } = writing;
    const marks = namesAbove(claim.domain).map(at.below);
    // Marks are for ever, so one that is there need not be written again; that keeps claims below
    // one name from meeting at its mark.
    const marked = await readMany(marks);
    const claimWrite = putNew({ ...at.claim(claim), ...claim });
    const pendingWrite = add(at.pending(claim.tenant), 1, limits.pendingPerTenant);
    const shardWrite = add(at.shard(claim.shard), 1, limits.claimsPerShard);
    const requestWrites =
      claim.idempotencyKey === undefined ? [] : [request(claim, claim.idempotencyKey)];
    const writes = [
      claimWrite,
      pendingWrite,
      shardWrite,
      ...(former === undefined
        ? [putNew(labelItem(claim))]
        : [putOverRetired(labelItem(claim), former), remove(at.former(claim))]),
      // A parked claim needs no SES identity, which is kept by this count; the item says for ever
      // that the domain was claimed.
      add(at.claims(claim.domain), isParked(claim) ? 0 : 1),
      ...requestWrites,
      ...selfHostedChange(undefined, claim),
      ...marks.filter((mark) => !marked.has(keyText(mark))).map(put),
      ...trail.entriesOf(claimChange(undefined, claim)),
    ];
    await transact(client, `the claim of ${claim.domain}`, writes, (indexes) => {
      const failed = new Set(indexes.map((index) => writes[index]));
      if (failed.has(claimWrite)) throw alreadyClaimed(claim.domain);
      if (requestWrites.some((one) => failed.has(one))) throw keyReused();
      if (failed.has(pendingWrite)) throw tooManyPending(limits.pendingPerTenant);
      if (failed.has(shardWrite)) throw new ShardFull(claim.shard);
    });
  };

/** Makes the item by which a claim is found from its label. */
export const labelItem = ({ label, tenant, domain, shard }: Claim) => ({
  ...at.label(label),
  tenant,
  domain,
  shard,
});
