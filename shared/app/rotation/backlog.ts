import { isProven, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import { currentKey, replaceableAt } from '#shared/core/model/key-ring.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import type { BacklogItem, BacklogKind } from '../ports/rotation-backlog.ts';
import { instructionsOf, recordsToChange } from '#shared/core/records/records-to-change.ts';
import type { RotationPorts } from './ports.ts';

type BacklogPorts = Pick<RotationPorts, 'backlog' | 'patience' | 'report'>;

/**
 * Notes what became of a claim's rotation: what could not be done goes to the backlog with its
 * reason, what was done leaves it.
 *
 * @param claim as it is now
 * @param item what the backlog has of the claim
 */
export async function noteOutcome(
  claim: Claim,
  item: BacklogItem | undefined,
  outcome: RotationOutcome,
  period: string,
  ports: BacklogPorts,
): Promise<void> {
  const { tenant, domain, label } = claim;
  switch (outcome.kind) {
    case 'rotated':
    case 'already':
      return noteRing(claim, item, ports, { rotated: true });
    case 'not-signing':
      return item && ports.backlog.remove(claim.label);
    case 'not-due': {
      const { reason, retryAt } = outcome;
      const detail = `The rotation of ${domain} may be made from ${retryAt} on.`;
      ports.report({ kind: 'not-due', domain, reason, retryAt });
      await put(claim, item, { kind: 'not-due', reason, detail, retryAt, period }, ports);
      return;
    }
    case 'held-back': {
      const { reason, detail } = outcome;
      const kind = reason === 'paused' ? 'paused' : 'held-back';
      const since = await put(claim, item, { kind, reason, detail, period }, ports);
      return ports.report({ kind: 'held-back', tenant, domain, label, reason, detail, since });
    }
    case 'awaits-customer': {
      const { reason, detail } = outcome;
      const since = await put(claim, item, { kind: outcome.kind, reason, detail, period }, ports);
      const records = recordsToChange(claim);
      return ports.report({ ...outcome, tenant, domain, label, since, records });
    }
    case 'failed': {
      const { detail } = outcome;
      ports.report({ kind: 'failed', domain, detail });
      await put(claim, item, { kind: 'failed', reason: 'error', detail, period }, ports);
    }
  }
}

/**
 * Notes what a ring still waits for on its own: a key that may sign, or a fresh one for a slot that
 * shows a revoked one.
 *
 * @param rotated whether the claim has just rotated, which ends what its rotation waited for
 */
export async function noteRing(
  claim: Claim,
  item: BacklogItem | undefined,
  ports: BacklogPorts,
  { rotated = false } = {},
): Promise<void> {
  const { domain, keys } = claim;
  const self = isSelfHosted(claim);
  const retryAt = self ? replaceableAt(keys, 0) : replaceableAt(keys);
  const records = recordsToChange(claim);
  const period = rotated ? {} : periodOf(item);
  if (isProven(claim) && currentKey(keys) === undefined) {
    if (self) await put(claim, item, { ...noKeySeen(claim), ...period }, ports);
    else {
      const detail = `${domain} has no key that may sign; its mail waits until one is in DNS.`;
      await put(claim, item, { kind: 'paused', reason: 'paused', detail }, ports);
    }
  } else if (isProven(claim) && records.length > 0) {
    const detail = instructionsOf(records);
    const waits = { kind: 'awaits-customer', reason: 'record-to-change', detail } as const;
    await put(claim, item, { ...waits, ...period }, ports);
  } else if (claim.lifecycle === 'live' && retryAt !== undefined) {
    // A rotation that is to be made up for stays listed; trying it fills the slot too.
    if (!rotated && item?.period !== undefined && item.kind !== 'paused') return;
    const detail = `A slot of ${domain} takes a fresh key from ${retryAt} on.`;
    await put(claim, item, { kind: 'refill', reason: 'revoked', detail, retryAt }, ports);
  } else if (item && (rotated || isOver(item))) {
    await ports.backlog.remove(claim.label);
  }
}

/** Whether an item waits for nothing any more, the ring being whole; a rotation to be made up for stays. */
const isOver = ({ kind, period }: BacklogItem): boolean =>
  kind === 'paused' || kind === 'refill' || (kind === 'awaits-customer' && period === undefined);

const periodOf = (item: BacklogItem | undefined): Pick<BacklogItem, 'period'> =>
  item?.period === undefined ? {} : { period: item.period };

/** What a self-hosted claim without a key that may sign waits for. */
export function noKeySeen(claim: Claim) {
  const instructions = instructionsOf(recordsToChange(claim));
  const detail =
    `None of the keys of ${claim.domain} is in its DNS, so its mail waits. Put its DKIM records back as they are told. ${instructions}`.trim();
  return { kind: 'awaits-customer', reason: 'no-key-seen', detail } as const;
}

/** @returns since when it has been of this kind */
async function put(
  { tenant, domain, label, shard }: Claim,
  before: BacklogItem | undefined,
  item: Pick<BacklogItem, 'kind' | 'reason' | 'detail' | 'retryAt' | 'period'>,
  { backlog, patience }: BacklogPorts,
): Promise<string> {
  const since = sinceOf(before, item.kind) ?? patience.clock.now().toISOString();
  await backlog.put({ tenant, domain, label, shard, ...item, since });
  return since;
}

const sinceOf = (before: BacklogItem | undefined, kind: BacklogKind): string | undefined =>
  before?.kind === kind ? before.since : undefined;
