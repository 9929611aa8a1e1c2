import type { ClaimKey } from '#shared/core/model/claim.ts';

/** A claim whose DMARC plan is to be looked at. */
export interface RollOutRequest extends ClaimKey {
  /** When the look was scheduled for, ISO 8601; the same however often the request comes. */
  readonly at: string;
}
