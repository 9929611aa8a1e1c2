/** The From domain's relation to the domain that the report is about. */
export type Scope = 'domain' | 'subdomain' | 'foreign';

/**
 * A receiver's treatment of mail. `none`: let it pass; RFC 9990 says `pass` where it had nothing to
 * fail.
 */
export type Disposition = 'none' | 'quarantine' | 'reject';

/** Results of RFC 8601 §2.7, for DKIM and SPF alike. */
export type AuthResult =
  | 'none'
  | 'pass'
  | 'fail'
  | 'softfail'
  | 'policy'
  | 'neutral'
  | 'temperror'
  | 'permerror';

/** A DKIM signature as a receiver saw it. */
export interface SeenSignature {
  readonly domain: string;
  /** Empty where the receiver does not report it. */
  readonly selector: string;
  readonly result: AuthResult;
}

/** A receiver's SPF result for the envelope. */
export interface SeenEnvelope {
  readonly domain: string;
  readonly result: AuthResult;
}

/** Mail that receivers saw alike: how much of it, where it came from, and what they made of it. */
export interface Group {
  /** The address that sent it, IPv4 or IPv6 (RFC 5952); empty where addresses were folded together. */
  readonly source: string;
  readonly scope: Scope;
  readonly disposition: Disposition;
  /**
   * True if DKIM passed and was aligned with the From domain; DMARC passes where this or `spf`
   * does.
   */
  readonly dkim: boolean;
  /** True if SPF passed and was aligned with the From domain. */
  readonly spf: boolean;
  /**
   * The most significant signature: an aligned one before others, one that passes before others.
   */
  readonly signature: SeenSignature | undefined;
  readonly envelope: SeenEnvelope | undefined;
  /** The name below the claim's domain that the report is about; absent where it is the domain. */
  readonly policyDomain?: string | undefined;
  readonly messages: number;
}
