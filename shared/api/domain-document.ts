import { correctionIn, type RecordCheck } from '#shared/core/records/check.ts';
import { isParked, isProven, LOST_AFTER_DAYS, type Claim } from '#shared/core/model/claim.ts';
import type { DmarcPolicy } from '#shared/core/model/dmarc-policy.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import {
  CURRENT_SIGNS_DAYS,
  currentKey,
  nextKey,
  previousKey,
  type RingKey,
} from '#shared/core/model/key-ring.ts';
import { HELD_HINT, sendingStatus } from '#shared/app/checks/sending-status.ts';
import type { LastCheck } from '#shared/app/ports/check-store.ts';
import type { IdentityView } from '#shared/app/ports/identities.ts';
import type { BacklogItem } from '#shared/app/ports/rotation-backlog.ts';
import { customerRecords } from '#shared/core/records/customer-records.ts';
import { hostedRecords } from '#shared/core/records/hosted-records.ts';
import { hostedDmarcName } from '#shared/core/records/kinds/dmarc/hosted.ts';
import { hostedSpfName, promisedLookups } from '#shared/core/records/kinds/spf/hosted.ts';
import { progressOf } from '#shared/core/records/progress.ts';
import { recordsToChange, type RecordToChange } from '#shared/core/records/records-to-change.ts';
import { rollOutDocument } from './roll-out-document.ts';
import type { DomainDocument } from './routes/domain-schemas.ts';
import type { RecordDocument } from './routes/record-schemas.ts';
import { DAY_MS, later } from '#shared/core/time.ts';

/** The state of a claim beside the claim itself; each part may not be there yet. */
export interface ClaimSurroundings {
  /** The claim's own view of its domain's SES identity. */
  readonly identity?: Pick<IdentityView, 'status' | 'token' | 'hasMailFrom'>;
  readonly result?: LastCheck;
  readonly publication?: {
    readonly parked?: { readonly reason: string; readonly since: string };
  };
  /** The open work on its keys. */
  readonly backlog?: Pick<BacklogItem, 'kind' | 'reason' | 'detail' | 'since'>;
  /** When it expires, if nothing in DNS points at it by then; ISO 8601. */
  readonly expiresAt?: string;
}

/** A claim as its tenant sees it; says nothing of what other tenants have. */
export function domainDocument(
  claim: Claim,
  surroundings: ClaimSurroundings,
  deployment: Deployment,
  now: Date,
): DomainDocument {
  const hosted = new Map(
    hostedRecords(claim, deployment).map(({ name, values }) => [name, values.join('')]),
  );
  const dmarcRecord = hosted.get(hostedDmarcName(claim));
  const { parked } = surroundings.publication ?? {};
  const records = recordDocuments(claim, surroundings, deployment);
  return {
    name: claim.domain,
    ...standingOf(claim, surroundings.result),
    sending: isParked(claim) ? 'none' : sendingStatus(claim, surroundings.identity),
    lifecycle: claim.lifecycle === 'live' ? 'live' : 'deleting',
    hosting: claim.hosting ?? 'service',
    purpose: claim.purpose ?? 'sending',
    ...(claim.deletedAt === undefined ? {} : { deletedAt: claim.deletedAt }),
    ...(parked === undefined ? {} : { problem: { detail: parked.reason, since: parked.since } }),
    records,
    progress: progressOf(records),
    checkedAt: surroundings.result?.checkedAt ?? null,
    dkim: {
      current: selectorOf(currentKey(claim.keys)),
      next: selectorOf(nextKey(claim.keys)),
      previous: selectorOf(previousKey(claim.keys)),
      rotatesAt: rotatesAt(claim, now)?.toISOString() ?? null,
      heldBack: blockedOf(surroundings.backlog),
      prepared: recordsToChange(claim).map(toChange),
      disclosure: claim.disclosure !== undefined,
    },
    dmarc:
      claim.dmarc === undefined || dmarcRecord === undefined
        ? null
        : {
            ...policyDocument(claim.dmarc),
            record: dmarcRecord,
            start: claim.dmarcStart ?? null,
            ...rollOutDocument(claim),
          },
    spf: {
      mechanisms: [...claim.spf.mechanisms],
      all: claim.spf.all ?? '~all',
      flattened: (claim.spf.flattened ?? []).map(({ addresses, ...rest }) => ({
        ...rest,
        ...(addresses && { addresses: [...addresses] }),
      })),
      record: hosted.get(hostedSpfName(claim)) ?? '',
      lookups: promisedLookups(claim, deployment),
    },
    createdAt: claim.createdAt,
    verifiedAt: claim.verifiedAt ?? null,
    expiresAt: surroundings.expiresAt ?? null,
  };
}

/** The status of a claim with its reason, and what follows if nothing changes. */
export const standingOf = (
  { status, statusSince, statusReason }: Claim,
  result: Pick<LastCheck, 'brokenSince'> | undefined,
): Pick<DomainDocument, 'status' | 'statusSince' | 'statusReason' | 'lostAt'> => ({
  status,
  statusSince,
  statusReason: statusReason === undefined ? null : { ...statusReason },
  lostAt:
    status === 'at-risk' && result?.brokenSince !== undefined
      ? later(result.brokenSince, LOST_AFTER_DAYS * DAY_MS)
      : null,
});

const toChange = ({ selector, name, value, reason, since, by }: RecordToChange) => ({
  selector,
  name,
  value,
  reason,
  since,
  by,
});

const policyDocument = ({ rua = [], ruf = [], ...policy }: DmarcPolicy) => ({
  ...policy,
  rua: [...rua],
  ruf: [...ruf],
});

/** The records to publish, with what the last check saw of each. */
function recordDocuments(
  claim: Claim,
  { identity, result }: ClaimSurroundings,
  deployment: Deployment,
): RecordDocument[] {
  const token = identity?.token === undefined ? undefined : { token: identity.token };
  const isHeld = sendingStatus(claim, identity) === 'held';
  return customerRecords(claim, token, deployment).map((record): RecordDocument => {
    const { value } = record;
    if (value === undefined) {
      const nothing = { observed: [], hint: isHeld ? HELD_HINT : null };
      return { ...record, value: '', status: 'preparing', code: 'preparing', ...nothing };
    }
    const seen = result?.records.find(({ id }) => id === record.id);
    // A value that came after that check is not what it checked.
    const check = seen?.status === 'preparing' ? undefined : seen;
    return {
      ...record,
      value: check?.value ?? value,
      status: check?.status ?? 'unknown',
      code: check?.code ?? null,
      observed: [...(check?.observed ?? [])],
      hint: check?.hint ?? null,
      ...(check?.corrected === undefined ? {} : { corrected: check.corrected }),
      ...correctionOf(check),
      ...(check?.policy && { policy: policyDocument(check.policy) }),
      ...(check?.spf && { spf: check.spf as NonNullable<RecordDocument['spf']> }),
    };
  });
}

/** Reports no block where the item only waits for a time. */
function blockedOf(item: ClaimSurroundings['backlog']) {
  if (item === undefined || item.kind === 'not-due' || item.kind === 'refill') return null;
  return { reason: item.reason, detail: item.detail, since: item.since };
}

function correctionOf(check: RecordCheck | undefined): Pick<RecordDocument, 'correction'> {
  const found = check && correctionIn(check);
  if (found === undefined) return {};
  return { correction: { value: found.value, changes: found.changes.map((one) => ({ ...one })) } };
}

const selectorOf = (key: RingKey | undefined) => key?.selector ?? null;

/**
 * When the current key makes way: the next 1st of a month (UTC), when the rotation runs, or as soon
 * after it as the key has signed long enough. Undefined while the claim does not sign.
 */
export function rotatesAt(claim: Claim, now: Date): Date | undefined {
  const since = currentKey(claim.keys)?.since ?? claim.verifiedAt;
  if (!isProven(claim) || isParked(claim) || since === undefined) return undefined;
  const nextRun = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1, 1);
  return new Date(Math.max(nextRun, Date.parse(since) + CURRENT_SIGNS_DAYS * DAY_MS));
}
