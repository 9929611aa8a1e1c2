import type { DomainName } from '#shared/core/model/names.ts';
import type { SendingStatus } from '#shared/core/model/check.ts';

/** The SES control plane: one call a second for the account, so only the identity function calls it. */
export interface SesIdentities {
  /** @returns the TXT value for `_amazonses.<domain>` @throws Throttled */
  verify(domain: DomainName): Promise<string>;
  /** `bounces.<domain>`; falls back to amazonses.com while the MX is missing. @throws Throttled */
  setMailFrom(domain: DomainName, mailFrom: string): Promise<void>;
  /** The state of up to 100 identities; absent where SES knows no such identity. @throws Throttled */
  status(domains: readonly DomainName[]): Promise<Map<DomainName, SendingStatus>>;
  /** Does nothing where SES knows no such identity. @throws Throttled */
  delete(domain: DomainName): Promise<void>;
}

/** The state of a domain's SES identity; one per domain and account, for all tenants. */
export interface Identity {
  readonly domain: DomainName;
  readonly status: SendingStatus;
  readonly token: string;
  readonly mailFrom: string;
  /** When SES was last asked to verify, ISO 8601; asked again where that failed. */
  readonly requestedAt: string;
  /** When SES last reported the status, ISO 8601; `requestedAt` before the first time. */
  readonly polledAt: string;
}

/** The notes about identities; written by the identity function alone, one message at a time. */
export interface IdentityStore {
  get(domain: DomainName): Promise<Identity | undefined>;
  /** Up to 100; absent where there is none. */
  getMany(domains: readonly DomainName[]): Promise<Map<DomainName, Identity>>;
  put(identity: Identity): Promise<void>;
  delete(domain: DomainName): Promise<void>;
}
