import type { DomainName } from '../model/names.ts';
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
  readonly type: 'CNAME' | 'MX' | 'NS' | 'TXT';
  /**
   * As in DNS, names lower case and without a trailing dot: a CNAME's target, an NS's host, an MX's
   * `10 host`, a TXT's text in one piece. Undefined while it is not known yet.
   */
  readonly value: string | undefined;
  /** True if sending waits for it; the others are recommended. */
  readonly required: boolean;
  /** A sentence for the person who is to create it. */
  readonly why: string;
}

/** The properties of a claim that the records pointing at ours depend on. */
export interface PublishedClaim extends Pick<
  Claim,
  'domain' | 'label' | 'shard' | 'purpose' | 'hosting'
> {
  readonly keys: readonly Pick<RingKey, 'selector'>[];
  readonly spf: Pick<Claim['spf'], 'all'>;
}

/** The domain's SES identity, as far as SES has given it. */
export interface IdentityToken {
  readonly token: string;
}

/** The status of a record, as its customer sees it. */
export interface ShownStatus {
  readonly status: RecordStatus;
  readonly code: string | null;
  readonly spf?: object | undefined;
}

/**
 * One kind of record that customers publish, with all that is particular to it. `HostedPart`
 * separately has the records that the service hosts, so that publishing code does not bundle how
 * records are judged.
 *
 * @typeParam Code the faults that its verdicts may name
 */
export interface RecordKind<Code extends string = string> {
  /** Its title in the dashboard. */
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
  /** The reason why a customer who hosts it publishes the text itself, in place of a CNAME. */
  readonly whyOwn?: string;
  /** The codes that only verdicts on it have. */
  readonly codes: Codes;
  /** Judges a record by one server's answer to the question for its name and type. */
  readonly judge: (record: PublishedRecord, lookup: Lookup, setting: Setting) => Verdict<Code>;
  /**
   * True if it proves the ownership of the domain. Then only the domain's own servers decide, by
   * their CNAME's target, and a wildcard's answer proves nothing.
   */
  readonly isProof?: true;
  /** True if SES queries it: once it is seen, SES is to be asked whether it confirms the identity. */
  readonly isQueriedBySes?: true;
  /**
   * Gives the verdict on a record that has a CNAME beside it; by default `cname-beside-others`.
   *
   * @param verdict on the record without the CNAME
   * @param target of the CNAME
   */
  readonly besideCname?: (name: string, verdict: Verdict<string>, target: string) => Verdict<Code>;
  /**
   * Returns true if a text can only have been meant for a record; by default where it is its value.
   */
  readonly isMeant?: (record: PublishedRecord, text: string) => boolean;
  /**
   * Lists the names, one label away, that people put the record at by mistake. Queried only where it
   * is missing.
   */
  readonly wrongNames?: (
    record: PublishedRecord,
    domain: DomainName,
    above: readonly DomainName[],
  ) => readonly string[];
  /** Returns true if a text cannot stay at a name beside the record, which takes its place. */
  readonly replaces?: (text: string) => boolean;
  /**
   * True if its value depends on the present records: the service hands it out once DNS was
   * queried.
   */
  readonly isMerged?: true;
  /** Returns true if a DNS provider may write it over the present record; by default it may. */
  readonly mayBeWritten?: (shown: ShownStatus) => boolean;
  /**
   * True if a customer may later put their own in its place: so Domain Connect lets them (§6.2).
   */
  readonly isReplaceable?: true;
}
