import type { WaitingKey } from '#shared/core/model/disclosure.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { DisclosureStore } from '#shared/app/ports/disclosure-store.ts';
import type { KeyVault, RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';

export interface DisclosurePorts {
  readonly claims: Pick<ClaimStore, 'getByLabel'>;
  readonly disclosures: Pick<DisclosureStore, 'due' | 'put' | 'forget' | 'publish'>;
  readonly revokedKeys: Pick<RevokedKeys, 'add'>;
  readonly resolver: Pick<Resolver, 'authoritative' | 'lookupEverywhere'>;
  readonly vault: KeyVault;
  readonly clock: Clock;
  readonly log: (key: WaitingKey, outcome: DisclosureOutcome) => void;
}

/**
 * The outcome of a key's check.
 *
 * - `disclosed`: its private half is published.
 * - `gone`: nothing serves its public key; it waits until that has been so for long enough.
 * - `there`, `unknown`: as `Sighting` has them; it waits another day.
 * - `in-ring`: it is back in its claim's ring, as after a restored backup; it waits.
 * - `not-proven`: its claim does not hold the domain at present; it waits.
 * - `withdrawn`: its tenant does not want it published any more; its private half is destroyed.
 * - `unusable`: what is unwrapped is not its private half, or nothing is; it is destroyed.
 */
export type DisclosureOutcome =
  | 'disclosed'
  | 'gone'
  | 'there'
  | 'unknown'
  | 'in-ring'
  | 'not-proven'
  | 'withdrawn'
  | 'unusable';
