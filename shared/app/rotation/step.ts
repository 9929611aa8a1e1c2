import type { Claim, Rotated } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { Promoted } from '#shared/core/model/key-ring.ts';
import type { Label, Selector } from '#shared/core/model/names.ts';
import type { RotationOutcome } from '#shared/core/model/rotation.ts';
import type { RotationPorts } from './ports.ts';

/** The cause of a rotation. */
export type Occasion = Pick<Rotated, 'period' | 'wave'>;

/** A claim that may rotate now: it is due, and the DNS precheck is open. */
export interface Ready {
  readonly claim: Claim;
  /**
   * - `rotate`: to be rotated.
   * - `prepare`: a self-hosted claim, whose ring needs a new key first: the key is made,
   *   and the customer asked to publish it. Nothing changes before it is seen.
   */
  readonly step: 'rotate' | 'prepare';
  readonly promote: Promoted;
  readonly insyncSince: string | undefined;
  /** The slot that needs a new key first. */
  readonly refill: Selector | undefined;
}

/** A claim that cannot be settled now: another writer, KMS or the key rate keeps it waiting. */
export interface Waits {
  readonly kind: 'waits';
  readonly error: Error;
}

/** The next step of a claim: its rotation, an outcome without one, or another try later. */
export type Step = Ready | RotationOutcome | Waits;

export const isReady = (step: Step): step is Ready => !('kind' in step);

export const waits = (error: Error): Waits => ({ kind: 'waits', error });

type FaultPorts = Pick<RotationPorts, 'isOutage' | 'log'>;

/**
 * Takes a step with one claim. A fault of ours fails that claim only. An outage of a service would
 * fail every claim, so it is thrown.
 *
 * @throws Conflict where another writer was first
 * @throws what `isOutage` takes for an outage
 */
export async function guarded<S>(
  label: Label,
  ports: FaultPorts,
  take: () => Promise<S>,
): Promise<S | RotationOutcome> {
  try {
    return await take();
  } catch (error) {
    if (error instanceof Conflict || ports.isOutage(error)) throw error;
    return faultOf(error, label, ports);
  }
}

/** Reports a fault with one claim. @returns the outcome that it makes */
export function faultOf(
  error: unknown,
  label: Label,
  { log }: Pick<FaultPorts, 'log'>,
): RotationOutcome {
  log({ kind: 'faulty', label, error });
  return { kind: 'failed', detail: error instanceof Error ? error.message : String(error) };
}
