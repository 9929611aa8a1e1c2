import { isProven, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import { currentKey, replaceableAt } from '#shared/core/model/key-ring.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import type { BacklogItem, BacklogKind } from '../ports/rotation-backlog.ts';
import { instructionsOf, recordsToChange } from '#shared/core/records/records-to-change.ts';
import type { RotationPorts } from './ports.ts';

type BacklogPorts = Pick<RotationPorts, 'backlog' | 'retryTime' | 'log'>;

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
      ports.log({ kind: 'not-due', domain, reason, retryAt });
      // Trying it fills a slot that is due too.
      const first = [retryAt, whatRefills(claim)?.retryAt ?? retryAt].toSorted()[0];
      await put(claim, item, { kind: 'not-due', reason, detail, retryAt: first, period }, ports);
      return;
    }
    case 'held-back': {
      const { reason, detail } = outcome;
      const kind = reason === 'paused' ? 'paused' : 'held-back';
      const since = await put(claim, item, { kind, reason, detail, period }, ports);
      return ports.log({ kind: 'held-back', tenant, domain, label, reason, detail, since });
    }
    case 'awaits-customer': {
      const { reason, detail } = outcome;
      const since = await put(claim, item, { kind: outcome.kind, reason, detail, period }, ports);
      const records = recordsToChange(claim);
      return ports.log({ ...outcome, tenant, domain, label, since, records });
    }
    case 'failed': {
      const { detail } = outcome;
      ports.log({ kind: 'failed', domain, detail });
      await put(claim, item, { kind: 'failed', reason: 'error', detail, period }, ports);
    }
  }
}

/**
 * Notes what a ring still waits for on its own: a key that may sign, or a new one in place of a
 * revoked one. A rotation that is to be made up for stays listed.
 *
 * @param rotated true if the claim has just rotated, which ends what its rotation waited for
 */
export async function noteRing(
  claim: Claim,
  item: BacklogItem | undefined,
  ports: BacklogPorts,
  { rotated = false } = {},
): Promise<void> {
  const period = rotated ? undefined : item?.period;
  const waits = whatWaits(claim) ?? (period === undefined ? whatRefills(claim) : undefined);
  if (waits !== undefined) {
    await put(claim, item, { ...waits, ...(period === undefined ? {} : { period }) }, ports);
  } else if (period === undefined) {
    if (item !== undefined) await ports.backlog.remove(claim.label);
  } else if (item?.kind === 'paused') {
    await put(claim, item, { ...madeUpFor(claim), period }, ports);
  }
}

type Waiting = Pick<BacklogItem, 'kind' | 'reason' | 'detail' | 'retryAt'>;

/** Returns what keeps a claim from signing, or its customer from being done. */
function whatWaits(claim: Claim): Waiting | undefined {
  if (!isProven(claim)) return undefined;
  if (currentKey(claim.keys) === undefined) {
    if (isSelfHosted(claim)) return noKeySeen(claim);
    return { kind: 'paused', reason: 'paused', detail: noKeyFit(claim) };
  }
  const records = recordsToChange(claim);
  if (records.length === 0) return undefined;
  const detail = instructionsOf(records);
  return { kind: 'awaits-customer', reason: 'record-to-change', detail };
}

/** When a slot takes a new key outside the rotation. */
function whatRefills(claim: Claim): Waiting | undefined {
  const { domain, keys, lifecycle } = claim;
  const retryAt = isSelfHosted(claim) ? replaceableAt(keys, 0) : replaceableAt(keys);
  if (lifecycle !== 'live' || retryAt === undefined) return undefined;
  const detail = `A slot of ${domain} takes a new key from ${retryAt} on.`;
  return { kind: 'refill', reason: 'revoked', detail, retryAt };
}

/** A rotation that met a pause, once the pause is over: the next try finds its time. */
const madeUpFor = ({ domain }: Claim): Waiting => ({
  kind: 'not-due',
  reason: 'current-too-young',
  detail: `The rotation of ${domain} is made up for once its present key has signed long enough.`,
});

/** Returns what the mail of a claim without a key that may sign waits for. */
export const noKeyFit = ({ domain }: Claim): string =>
  `${domain} has no key that may sign; its mail waits until one is in DNS.`;

/** Returns what a self-hosted claim without a key that may sign waits for. */
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
  item: Waiting & Pick<BacklogItem, 'period'>,
  { backlog, retryTime }: BacklogPorts,
): Promise<string> {
  const since = sinceOf(before, item.kind) ?? retryTime.clock.now().toISOString();
  await backlog.put({ tenant, domain, label, shard, ...item, since });
  return since;
}

const sinceOf = (before: BacklogItem | undefined, kind: BacklogKind): string | undefined =>
  before?.kind === kind ? before.since : undefined;
