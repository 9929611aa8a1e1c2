/**
 * The DMARC policy we host for a claim; `undefined` on the claim until DNS answers which one is in
 * effect today.
 */
export interface DmarcPolicy {
  readonly p: 'none' | 'quarantine' | 'reject';
  readonly sp?: 'none' | 'quarantine' | 'reject';
  readonly np?: 'none' | 'quarantine' | 'reject';
  readonly adkim?: 'r' | 's';
  readonly aspf?: 'r' | 's';
  readonly fo?: string;
  readonly t?: 'y' | 'n';
  /** Kept from a customer's own record; absent means `u`, the default. */
  readonly psd?: 'y' | 'n';
  /** The customer's own report addresses (`mailto:` URIs), which we keep beside ours. */
  readonly rua?: readonly string[];
  readonly ruf?: readonly string[];
}
