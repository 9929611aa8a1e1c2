import type { CanaryId } from '#shared/core/mail/canary.ts';

/** A canary that came in. */
export interface CanaryArrival {
  readonly id: CanaryId;
  /** ISO 8601. */
  readonly at: string;
  /** True if the signature of the domain that it is from verifies against public DNS. */
  readonly verified: boolean;
}

/** What became of canaries at our own inbound; kept for a day. */
export interface CanaryArrivals {
  /** Notes an arrival; one that comes again replaces it. */
  note(arrival: CanaryArrival): Promise<void>;
  /** Strongly consistent. @returns undefined where it has not come */
  get(id: CanaryId): Promise<CanaryArrival | undefined>;
}
