import type { KeyRing } from '#shared/core/model/key-ring.ts';
import type { RotationEvent } from './ports.ts';

/** A key ring after a change, and what happened to its keys; the very ring where nothing did. */
export interface RingChange {
  readonly keys: KeyRing;
  readonly events: readonly RotationEvent[];
}
