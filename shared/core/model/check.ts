import type { SpfTree } from '../spf/tree.ts';
import type { DmarcPolicy } from './dmarc-policy.ts';

/**
 * - `ok`: right.
 * - `ok-external`: right by the customer's own record instead of ours (a valid DMARC record).
 * - `warning`: works today, but not for long (a copy of a key that we are going to change).
 * - `missing`: not there.
 * - `wrong`: there, but not what it must be.
 * - `unknown`: DNS did not answer; changes nothing.
 * - `preparing`: its value is not known yet (SES has not given it).
 */
export const recordStatuses = [
  'ok',
  'ok-external',
  'warning',
  'missing',
  'wrong',
  'unknown',
  'preparing',
] as const;
export type RecordStatus = (typeof recordStatuses)[number];

/**
 * What is the matter with a record; a record that is `ok` has none. Which tenant another of our labels
 * belongs to, and whether to anybody, is never told: each is `other-label`, but for those of the
 * tenant's own earlier claims of the domain.
 *
 * Of any record:
 * - `missing`: nothing is there.
 * - `appended-domain`: it is there at `name.domain.domain`. `appended-domain-in-value`: its value has
 *   the domain appended.
 * - `form-residue`: the value has what a web form asked for around it: quotes, spaces, the type.
 * - `wildcard`: what is there is a wildcard's answer for every name.
 * - `flattened`: addresses in place of the CNAME: flattened, or behind the DNS provider's proxy.
 * - `cname-beside-others`: a CNAME beside records of other types, which DNS does not allow.
 * - `other-label`: points at a name of this service that is not the claim's. `old-label`: at one of a
 *   claim of this domain that the same tenant made before.
 *   `other-slot`: at another record of the claim. `other-provider`: at somebody else.
 * - `other-value`: a TXT record with another value.
 *
 * Of DKIM: `copied-key`: the key itself instead of the CNAME. Of a claim that hosts its keys itself:
 * `stale-key`: a key that is to be, or was, replaced by another. `compromised-key`: one that is known
 * to others. `key-truncated`: only the beginning of the key. `key-several`: more than one record.
 *
 * Of DMARC: `dmarc-own-record`: a valid one of the customer's own, which we do not keep.
 * `dmarc-stale`: a copy of the one we told before. `dmarc-beside-cname`: one beside our CNAME. `dmarc-several`: more than one. `dmarc-invalid`: none
 * that receivers can use.
 *
 * Of SPF: `spf-several`: more than one record. `spf-no-include`: ours is not in it.
 * `spf-include-after-all`, `spf-include-negated`: where or how it does not count.
 * `spf-include-duplicated`: it is there twice. `spf-invalid`: the record breaks the grammar.
 * `spf-broken-include`: something that it includes has no valid record. `spf-too-many-lookups`,
 * `spf-too-many-voids`: over the limits of RFC 7208 §4.6.4.
 *
 * Of MX: `mx-several`, `mx-other-host`, `mx-other-preference`.
 *
 * Of the whole domain: `no-such-domain`, `not-delegated`, `dnssec-bogus`; `no-answer`: DNS did not
 * tell. `preparing`: the value is not known yet.
 */
export const recordCodes = [
  'missing',
  'appended-domain',
  'appended-domain-in-value',
  'form-residue',
  'wildcard',
  'flattened',
  'cname-beside-others',
  'other-label',
  'old-label',
  'other-slot',
  'other-provider',
  'other-value',
  'copied-key',
  'stale-key',
  'compromised-key',
  'key-truncated',
  'key-several',
  'dmarc-own-record',
  'dmarc-stale',
  'dmarc-beside-cname',
  'dmarc-several',
  'dmarc-invalid',
  'spf-several',
  'spf-no-include',
  'spf-include-after-all',
  'spf-include-negated',
  'spf-include-duplicated',
  'spf-invalid',
  'spf-broken-include',
  'spf-too-many-lookups',
  'spf-too-many-voids',
  'mx-several',
  'mx-other-host',
  'mx-other-preference',
  'no-such-domain',
  'not-delegated',
  'dnssec-bogus',
  'no-answer',
  'preparing',
] as const;
export type RecordCode = (typeof recordCodes)[number];

/** - `preparing`: SES has not confirmed the identity yet. `failed`: SES gave up; asked for again. */
export type SendingStatus = 'preparing' | 'ready' | 'failed';

/** What one check saw of one record. */
export interface RecordCheck {
  /** The record's id in `customerRecords`. */
  readonly id: string;
  readonly status: RecordStatus;
  /** Absent where the record is `ok`. */
  readonly code?: RecordCode;
  /** The values that DNS answered, as text, at most 10. */
  readonly observed: readonly string[];
  /** What to change, a sentence; absent where nothing needs changing. */
  readonly hint?: string;
  /**
   * What is to stand at the name, where there is SPF already: that with our include in it; empty
   * where it must be mended by hand first, as the hint says. Absent: the record's own value.
   */
  readonly value?: string;
  /** What the customer's own DMARC record asks for, as it may be taken over into the hosted one. */
  readonly policy?: DmarcPolicy;
  /** The SPF record with all that it includes, where that is too much or broken. */
  readonly spf?: SpfTree;
}

/** The last check of a claim. */
export interface CheckResult {
  readonly checkedAt: string;
  readonly records: readonly RecordCheck[];
}

/**
 * What a check must remember of the checks before it, since waiting times run over many checks.
 * Times are ISO 8601.
 */
export interface CheckMemory {
  /** Record ids of the DKIM slots that were right at some time since the claim was last proven. */
  readonly rightSlots: readonly string[];
  /** Since when the claim is broken without a break; time in which DNS said nothing does not count. */
  readonly brokenSince?: string;
  /** Since when DNS has not told what decides the status. */
  readonly unknownSince?: string;
  /** Milliseconds in which DNS told nothing, before `unknownSince`; a pending claim's time does not run in them. */
  readonly silentMs?: number;
  /** Since when SES's TXT record is seen while SES has not confirmed the identity. */
  readonly identitySeenSince?: string;
}

export const newMemory: CheckMemory = { rightSlots: [] };
