import type { SendingStatus } from '#shared/core/model/check.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';

/** What SES says of an identity. */
export interface SesIdentity {
  readonly status: Exclude<SendingStatus, 'held'>;
  /** The TXT value for `_amazonses.<domain>`; SES may have none of an identity made by DKIM. */
  readonly token?: string;
}

/** The SES control plane, which takes one call a second of an account. */
export interface SesIdentities {
  /**
   * Makes the identity, or asks again where SES gave up.
   *
   * @returns the TXT value for `_amazonses.<domain>`
   * @throws Throttled
   * @throws IdentityQuotaFull
   * @throws IdentityRefused
   */
  verify(domain: DomainName): Promise<string>;
  /** `bounces.<domain>`; falls back to amazonses.com while the MX is missing. @throws Throttled */
  setMailFrom(domain: DomainName, mailFrom: string): Promise<void>;
  /** Up to 100 identities; absent where SES knows no such identity. @throws Throttled */
  status(domains: readonly DomainName[]): Promise<Map<DomainName, SesIdentity>>;
  /** Does nothing where SES knows no such identity. @throws Throttled */
  delete(domain: DomainName): Promise<void>;
  /**
   * Lists a page of the account's identities in the region.
   *
   * @param cursor of the page before
   * @returns how many the page has; no cursor on the last
   * @throws Throttled
   */
  list(cursor?: string): Promise<{ readonly count: number; readonly cursor?: string }>;
}

/** The account has as many identities as SES allows: nothing was made. It is no throttle. */
export class IdentityQuotaFull extends Error {
  override readonly name = 'IdentityQuotaFull';
}

/** SES refused to make the identity: nothing was made. */
export class IdentityRefused extends Error {
  override readonly name = 'IdentityRefused';
}

/**
 * Whose an identity is.
 *
 * - `making`: SES knew none and this deployment is about to make it. `made`: it did.
 * - `removing`: made here, and about to be deleted.
 * - `foreign`: SES had it already; nothing of it is changed.
 * - `adopted`: foreign, and the operator lets the service use it. It is never deleted.
 */
export const identityStages = ['making', 'made', 'removing', 'foreign', 'adopted'] as const;
export type IdentityStage = (typeof identityStages)[number];

/** A domain's SES identity; one per domain, account and region, for all tenants. */
export interface Identity {
  readonly domain: DomainName;
  readonly stage: IdentityStage;
  /** The name of the deployment that made it; of an item that says none, this one. */
  readonly madeBy?: string;
  readonly status: SesIdentity['status'];
  readonly token?: string;
  /** The MAIL FROM that the service set; absent until the domain is proven. */
  readonly mailFrom?: string;
  /** True if an adopted identity keeps the MAIL FROM that it has. */
  readonly keepsMailFrom?: boolean;
  /** When SES was last asked to verify, or was found to have it, ISO 8601. */
  readonly requestedAt: string;
  /** When SES last reported the status, ISO 8601. */
  readonly polledAt: string;
  /** Counts its writes. */
  readonly version: number;
}

/**
 * The identity of its domain as one claim sees it, written in turns of that claim alone. A tenant is
 * shown nothing else of an identity, so that neither it nor its timing reveals other claims.
 */
export interface IdentityView {
  readonly label: Label;
  readonly status: SendingStatus;
  /** Absent until the claim's first turn is over. */
  readonly token?: string;
  /** True once the MAIL FROM was set, after the claim was proven. */
  readonly hasMailFrom?: boolean;
  /** When its last turn was, ISO 8601. */
  readonly polledAt: string;
  /** When a message that is on its way takes up what failed or is held, ISO 8601. */
  readonly retryAt?: string;
}

/** The table of identities; written by the identity function, and by the operator who adopts one. */
export interface IdentityStore {
  get(domain: DomainName): Promise<Identity | undefined>;
  /** Up to 100; absent where there is none. */
  getMany(domains: readonly DomainName[]): Promise<Map<DomainName, Identity>>;
  /**
   * Writes what follows the state that was read.
   *
   * @param before undefined where there was none
   * @returns what was written
   * @throws Conflict where another writer came first
   */
  put(next: Omit<Identity, 'version'>, before: Identity | undefined): Promise<Identity>;
  /** @throws Conflict where another writer came first */
  delete(identity: Identity): Promise<void>;
  /** Every identity, in pages; eventually consistent. */
  all(): AsyncIterable<readonly Identity[]>;

  /** The views of up to 100 claims; absent where there is none. */
  views(labels: readonly Label[]): Promise<Map<Label, IdentityView>>;
  putView(view: IdentityView): Promise<void>;
  deleteView(label: Label): Promise<void>;

  /** How many identities the account has, whoever made them; undefined before the first count. */
  used(): Promise<number | undefined>;
  noteUsed(count: number): Promise<void>;
  /** Corrects the last count by what this deployment made or deleted since; about right. */
  addUsed(difference: number): Promise<void>;
}
