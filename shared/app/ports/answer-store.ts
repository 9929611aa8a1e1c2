import type { PlatformId, TenantId } from '#shared/core/model/names.ts';

/** A request that its client may send again. */
export interface RepeatableRequest {
  /** The tenant, or the platform that sent it for itself. */
  readonly owner: TenantId | PlatformId;
  readonly operation: string;
  /** SHA-256 of the Idempotency-Key, hex. */
  readonly key: string;
  /** SHA-256 of all that a repetition must have in common with it, hex. */
  readonly fingerprint: string;
  /** Distinguishes this time that it was sent. */
  readonly run: string;
}

/** An answer as it was sent. */
export interface StoredAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** True if it holds a secret, which is sealed while it is stored. */
  readonly isSecret: boolean;
}

/**
 * - `begun`: the request is this run's to answer.
 * - `running`: another run has it, until `until` at most, in epoch milliseconds.
 * - `answered`: it was answered before.
 * - `reused`: its key belongs to another request.
 */
export type Begun =
  | { readonly kind: 'begun' | 'reused' }
  | { readonly kind: 'running'; readonly until: number }
  | { readonly kind: 'answered'; readonly answer: StoredAnswer };

/** Requests with an Idempotency-Key, and what they were answered. */
export interface AnswerStore {
  /**
   * Takes a request, by one write, where nobody has it; a run that has not answered within
   * `RUN_SECONDS` has it no longer.
   */
  begin(request: RepeatableRequest, now: Date): Promise<Begun>;
  /** Keeps the answer for `ANSWER_HOURS`, where the request is still this run's. */
  finish(request: RepeatableRequest, answer: StoredAnswer, now: Date): Promise<void>;
  /** Gives the request up, since nothing was done, where it is still this run's. */
  release(request: RepeatableRequest): Promise<void>;
}

/** The retention of answers. */
export const ANSWER_HOURS = 24;
/** Longer than any function that answers the API runs. */
export const RUN_SECONDS = 35;
