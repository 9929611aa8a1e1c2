import type { Suppression } from '#shared/core/model/suppression.ts';
import type { TenantId } from '#shared/core/model/names.ts';

/** A part of a list, and the cursor of the next; null on the last. */
export interface SuppressionPage {
  readonly suppressions: readonly Suppression[];
  readonly cursor: string | null;
}

/** The suppression lists of tenants. Every address is compared without its case. */
export interface SuppressionStore {
  /** Returns those of some addresses, as given, that are on the list. Reads are consistent. */
  among(tenant: TenantId, addresses: readonly string[]): Promise<ReadonlySet<string>>;
  get(tenant: TenantId, address: string): Promise<Suppression | undefined>;
  /** Puts an address on its tenant's list; one that is there keeps its reason and time. */
  add(suppression: Suppression): Promise<void>;
  /**
   * Puts different addresses on a tenant's list, in few calls, as {@link add} does; but one that is
   * added by somebody else at the same time may get the later reason.
   *
   * @returns the number of those that were not there
   */
  addAll(tenant: TenantId, suppressions: readonly Suppression[]): Promise<number>;
  /** Takes an address off; returns what it was, undefined where it was not on the list. */
  remove(tenant: TenantId, address: string): Promise<Suppression | undefined>;
  /**
   * Returns a page of a tenant's list, in an order that stays.
   *
   * @throws Refusal `invalid-cursor`
   */
  list(
    tenant: TenantId,
    page: { readonly limit: number; readonly cursor?: string | undefined },
  ): Promise<SuppressionPage>;
}
