import type { RecordStatus } from '../model/check.ts';
import type { Claim } from '../model/claim.ts';
import type { Deployment } from '../model/deployment.ts';
import type { RingKey } from '../model/key-ring.ts';
import type { Lookup } from '../model/lookup.ts';
import type { Codes } from './common-codes.ts';
import type { Setting } from './setting.ts';
import type { Verdict } from './verdict.ts';

/** A record of one kind that the customer publishes once, in their own DNS. */
export interface PublishedRecord {
  /** Stable for the life of the claim: `dkim-zero`, `ses-identity`, `spf` ... */
  readonly id: string;
  /** Full name, lower case, no trailing dot. */
  readonly name: string;
  readonly type: 'CNAME' | 'MX' | 'TXT';
  /**
   * As in DNS, names lower case and without a trailing dot: a CNAME's target, an MX's `10 host`, a
   * TXT's text in one piece. Undefined while it is not known yet.
   */
  readonly value: string | undefined;
  /** Whether sending waits for it; the others are recommended. */
  readonly required: boolean;
  /** A sentence for the person who is to create it. */
  readonly why: string;
}

/** What of a claim the records that point at ours depend on. */
export interface PublishedClaim extends Pick<Claim, 'domain' | 'label' | 'shard'> {
  readonly keys: readonly Pick<RingKey, 'selector'>[];
  readonly spf: Pick<Claim['spf'], 'all'>;
}

/** The domain's SES identity, as far as SES has given it. */
export interface IdentityToken {
  readonly token: string;
}

/** How a record stands, as its customer is shown it. */
export interface ShownStatus {
  readonly status: RecordStatus;
  readonly code: string | null;
  readonly spf?: object | undefined;
}

/**
 * One kind of record that customers publish: all that is particular to it. What the service hosts
 * for it is apart (`HostedPart`), so that what only publishes does not bundle how records are judged.
 *
 * @typeParam Code what its verdicts may say is the matter
 */
export interface RecordKind<Code extends string = string> {
  /** What the dashboard calls it. */
  readonly title: string;
  /**
   * Lists the records that the customer publishes, each pointing at ours where it can.
   *
   * @param identity undefined while SES has not given its token
   */
  readonly published: (
    claim: PublishedClaim,
    identity: IdentityToken | undefined,
    deployment: Deployment,
  ) => PublishedRecord[];
  /** Why a customer who hosts it publishes the text itself, which takes the place of a CNAME. */
  readonly whyOwn?: string;
  /** The codes that only verdicts on it have. */
  readonly codes: Codes;
  /** Judges a record by one server's answer to the question for its name and type. */
  readonly judge: (record: PublishedRecord, lookup: Lookup, setting: Setting) => Verdict<Code>;
  /**
   * Whether it proves whose the domain is. Then only the domain's own servers tell, by where its CNAME
   * points, and a wildcard's answer proves nothing.
   */
  readonly isProof?: true;
  /**
   * Gives the verdict on a record that has a CNAME beside it; by default `cname-beside-others`.
   *
   * @param verdict on the record without the CNAME
   * @param target of the CNAME
   */
  readonly besideCname?: (name: string, verdict: Verdict<string>, target: string) => Verdict<Code>;
  /** Tells whether a text can only have been meant for a record; by default where it is its value. */
  readonly isMeant?: (record: PublishedRecord, text: string) => boolean;
  /** Tells whether a text cannot stay at a name beside the record, which takes its place. */
  readonly replaces?: (text: string) => boolean;
  /** Whether its value depends on what is there: records are handed out once that was looked at. */
  readonly isMerged?: true;
  /** Tells whether a DNS provider may write it over what is there; by default it may. */
  readonly mayBeWritten?: (shown: ShownStatus) => boolean;
  /** Whether a customer may later put their own in its place: so Domain Connect lets them (§6.2). */
  readonly isReplaceable?: true;
}
