import type { DmarcPolicy } from './dmarc-policy.ts';
import type { KeyRing } from './key-ring.ts';
import type { DomainName, Label, ShardName, TenantId } from './names.ts';
import type { PolicyStep, RollOut, SourceDecisions } from './roll-out.ts';

/**
 * - `pending`: not proven yet; checked with back-off until it expires.
 * - `verified`: this tenant is the domain's holder and the current slot is right.
 * - `at-risk`: something broke; still signs.
 * - `lost`: a rival holds the domain, or it was broken for 7 days; never signs, not even unsigned.
 */
export type ClaimStatus = 'pending' | 'verified' | 'at-risk' | 'lost';

/**
 * - `live`: hosted in full.
 * - `deleting`: signing has stopped; keys stay published for 7 days, the claim can be undone.
 * - `tombstone`: keys are `p=`, SPF is `?all`; for ever, since the customer's records may still point here.
 * - `expired`: nothing ever pointed at it; nothing is published.
 */
export type Lifecycle = 'live' | 'deleting' | 'tombstone' | 'expired';

/**
 * The host of the records that change: the DKIM keys and the DMARC policy.
 *
 * - `service`: we do; the customer's names point at ours by CNAME, and keys change by themselves.
 * - `self`: the customer does, who can't or won't create CNAMEs: the same records as TXT values to
 *   copy. The exact key proves the claim, and no key changes before the customer's DNS shows it.
 * - `delegated`: we do, and the customer's names too: one NS record set gives the whole subdomain to
 *   a zone of ours. Fixed when the domain is claimed.
 */
export const hostings = ['service', 'self', 'delegated'] as const;
export type Hosting = (typeof hostings)[number];

/**
 * - `sending`: mail is signed and sent from the domain.
 * - `parked`: nothing is: no keys, no SES identity; SPF and DMARC say so to receivers.
 */
export const purposes = ['sending', 'parked'] as const;
export type Purpose = (typeof purposes)[number];

/** The customer's own part of the hosted SPF record. */
export interface SpfSettings {
  /** `ip4:192.0.2.0/24`, `include:_spf.example.net` ... in order, as `normalMechanism` writes them. */
  readonly mechanisms: readonly string[];
  /** The policy of the record for all other senders; absent means `~all`. */
  readonly all?: '~all' | '-all' | '?all';
  /** Those of the mechanisms that are published as the addresses behind them. */
  readonly flattened?: readonly FlattenedInclude[];
  /**
   * Number of records that the hosted chain has reached; absent means 1. The service removes none,
   * since cached answers may lead to it and a missing SPF record is an error.
   */
  readonly records?: number;
}

/** A third party's include, in whose place its addresses are published. */
export interface FlattenedInclude {
  /** The mechanism: `include:_spf.example.net`. */
  readonly include: string;
  /** Absent until two queries agreed on them; the include itself is published until then. */
  readonly addresses?: readonly string[];
  /** When the addresses came to be published, ISO 8601. */
  readonly since?: string;
}

/**
 * A link that shows a claim's records to anyone who has it. The stored hash does not open the link.
 */
export interface ShareLink {
  /** SHA-256 of the token, hex. */
  readonly hash: string;
  /** Absent of links made before December 2026; ISO 8601. */
  readonly createdAt?: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** One tenant's registration of one domain: the aggregate everything hangs on. */
export interface Claim {
  readonly tenant: TenantId;
  readonly domain: DomainName;
  readonly label: Label;
  readonly shard: ShardName;
  /** Grows by one with every write; every write is conditional on it. */
  readonly version: number;
  readonly lifecycle: Lifecycle;
  readonly status: ClaimStatus;
  /** Since when the status is what it is, ISO 8601. */
  readonly statusSince: string;
  /** The reason for the status; absent where it is good or nothing was proven yet. */
  readonly statusReason?: StatusReason;
  /** Absent means `service`. */
  readonly hosting?: Hosting;
  /** Absent means `sending`; fixed when the domain is claimed. */
  readonly purpose?: Purpose;
  /** `noKeys` where the domain is parked. */
  readonly keys: KeyRing;
  readonly dmarc: DmarcPolicy | undefined;
  /**
   * What the start with that policy changed for the domain's mail, in sentences; absent until DNS
   * answers, and on claims made before November 2026.
   */
  readonly dmarcStart?: string;
  /** The plan that raises the DMARC policy; absent where there is none. */
  readonly rollOut?: RollOut;
  /** The customer's decisions on sources while there is no plan; a plan has them in itself. */
  readonly sources?: SourceDecisions;
  /** The changes of `p` and `sp`, oldest first, at most `MAX_STEPS`. */
  readonly policyHistory?: readonly PolicyStep[];
  readonly spf: SpfSettings;
  readonly createdAt: string;
  readonly verifiedAt?: string;
  readonly deletedAt?: string;
  /**
   * True if it counted as pending when it was deleted, and does until it is retired; absent on claims
   * that were deleted before there was the field.
   */
  readonly pendingWhileDeleting?: true;
  /**
   * The time when the customer's DNS first pointed at the label; decides whether a retired claim is
   * kept.
   */
  readonly seenAt?: string;
  /** The warning that a pending claim is about to expire; absent before there is one. */
  readonly expiring?: Expiring;
  /** When it expired without ever being proven, ISO 8601; absent of every other claim. */
  readonly expiredAt?: string;
  /** Links that show the claim's records to anyone who has them. */
  readonly shareLinks?: readonly ShareLink[];
  /** SHA-256 of the Idempotency-Key of the request that made the claim, hex. */
  readonly idempotencyKey?: string;
  /** The last rotation of its keys. */
  readonly rotated?: Rotated;
  /**
   * True if it sees its domain's SES identity by a view of its own alone; absent on claims made
   * before December 2026.
   */
  readonly ownIdentityView?: boolean;
  /** Absent where the private halves of its retired keys are destroyed, which they are by default. */
  readonly disclosure?: DisclosureConsent;
}

/** Times are ISO 8601. */
export interface Expiring {
  /** When the warning was given. */
  readonly since: string;
  /** When the claim was to expire then. */
  readonly expiresAt: string;
}

/** The tenant's wish that retired private keys be published once nothing verifies with them. */
export interface DisclosureConsent {
  /** Keys that left the ring before are not published; ISO 8601. */
  readonly consentedAt: string;
}

/** The reason why a claim is at risk or lost. */
export interface StatusReason {
  /**
   * - `held-by-another`: another account proved the domain.
   * - `broken-for-7-days`: it was at risk for as long as that.
   * - `key-not-found`: receivers do not find the key that signs, though the records are right.
   * - else what is the matter with the first record that broke: a code of its kind.
   */
  readonly reason: string;
  /** The action to take, in sentences. */
  readonly detail: string;
}

/** A rotation that was made; the note of its period is why no period is done twice. */
export interface Rotated {
  /** `YYYY-MM` */
  readonly period: string;
  /** The wave of the period's run that it was part of; absent where a person asked for it. */
  readonly wave?: number;
  /** ISO 8601. */
  readonly at: string;
}

/** Names a claim; the tenant is part of every key, so that tenants are apart by construction. */
export interface ClaimKey {
  readonly tenant: TenantId;
  readonly domain: DomainName;
}

/** The one tenant and label proven for a domain. */
export interface Holder {
  readonly domain: DomainName;
  readonly tenant: TenantId;
  readonly label: Label;
  /** When it was proven, ISO 8601. */
  readonly since: string;
}

export type NewClaim = Pick<
  Claim,
  | 'tenant'
  | 'domain'
  | 'label'
  | 'shard'
  | 'hosting'
  | 'purpose'
  | 'keys'
  | 'dmarc'
  | 'dmarcStart'
  | 'createdAt'
  | 'idempotencyKey'
>;

/** A claim as it is born: live, unproven, with no SPF mechanisms of the customer's own. */
export function newClaim(birth: NewClaim): Claim {
  return {
    ...birth,
    version: 1,
    lifecycle: 'live',
    status: 'pending',
    statusSince: birth.createdAt,
    spf: { mechanisms: [] },
    ownIdentityView: true,
  };
}

/**
 * The claim once its tenant deleted it: it proves nothing any more and never signs; what it hosts
 * stays for `DELETED_KEYS_DAYS`, so that mail under way verifies and the deletion can be undone.
 *
 * @param now ISO 8601
 */
export function deletedClaim(claim: Claim, now: string): Claim {
  const { statusReason: _, expiring: __, ...rest } = claim;
  return {
    ...rest,
    version: claim.version + 1,
    lifecycle: 'deleting',
    status: 'pending',
    statusSince: now,
    deletedAt: now,
    ...(countsAsPending(claim) ? { pendingWhileDeleting: true } : {}),
  };
}

/**
 * The claim of a tenant that expired without ever being proven, claimed again by the same tenant:
 * the same label and keys, so that what was copied late is right. All else is new.
 */
export function reclaimed(
  { label, shard, keys, shareLinks, version }: Claim,
  birth: Omit<NewClaim, 'label' | 'shard' | 'keys'>,
): Claim {
  const claim = newClaim({ ...birth, label, shard, keys });
  // The records of a label are published by its versions, which only ever grow.
  return { ...claim, version: version + 1, ...(shareLinks && { shareLinks }) };
}

/**
 * Undoes a deletion: the same label and keys, but the domain must be proven again, since a rival
 * may have proven it meanwhile.
 *
 * @param now ISO 8601
 */
export function restoredClaim(claim: Claim, now: string): Claim {
  const { deletedAt: _, statusReason: __, pendingWhileDeleting: ___, ...rest } = claim;
  return {
    ...rest,
    version: claim.version + 1,
    lifecycle: 'live',
    status: 'pending',
    statusSince: now,
  };
}

/**
 * The claim once a rival proved the domain.
 *
 * @param now ISO 8601
 */
export const lostClaim = (claim: Claim, now: string): Claim => ({
  ...claim,
  version: claim.version + 1,
  status: 'lost',
  statusSince: now,
  statusReason: heldByAnother,
});

/** Does not name the other account. */
export const heldByAnother: StatusReason = {
  reason: 'held-by-another',
  detail:
    'Another account proved the domain: its DNS points at the records of that account. Put your own records back to prove it again.',
};

/**
 * Returns true if the claim's tenant proved the domain and was not overtaken: `verified` or
 * `at-risk`.
 */
export const isProven = (claim: Claim): boolean =>
  claim.lifecycle === 'live' && (claim.status === 'verified' || claim.status === 'at-risk');

/**
 * Returns true if the customer publishes the keys themselves, so that none changes before they act.
 */
export const isSelfHosted = ({ hosting }: Pick<Claim, 'hosting'>): boolean => hosting === 'self';

/** Returns true if the domain is a zone of ours, which an NS record of the customer leads to. */
export const isDelegated = ({ hosting }: Pick<Claim, 'hosting'>): boolean =>
  hosting === 'delegated';

/** Returns true if nothing is ever signed or sent from the domain. */
export const isParked = ({ purpose }: Pick<Claim, 'purpose'>): boolean => purpose === 'parked';

/**
 * Returns true if a claim counts against the budget `pending-claims`. One that is deleted still takes
 * a place of its shard, so that claiming and deleting in turn takes no more than claiming does.
 */
export const countsAsPending = (claim: Claim): boolean =>
  claim.lifecycle === 'live'
    ? claim.status === 'pending'
    : claim.lifecycle === 'deleting' && claim.pendingWhileDeleting === true;

/**
 * Returns true if mail of this claim may be signed, its holder given: the only place that decides
 * it.
 */
export function maySign(claim: Claim, holder: Holder | undefined): boolean {
  return (
    isProven(claim) &&
    !isParked(claim) &&
    holder !== undefined &&
    holder.tenant === claim.tenant &&
    holder.label === claim.label
  );
}

export const DELETED_KEYS_DAYS = 7;
export const LOST_AFTER_DAYS = 7;
