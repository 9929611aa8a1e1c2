import type { ClaimKey } from '#shared/core/model/claim.ts';

/** A claim whose DMARC plan is due for evaluation. */
export interface RollOutRequest extends ClaimKey {
  /** When the evaluation was scheduled for, ISO 8601; the same however often the request comes. */
  readonly at: string;
}
