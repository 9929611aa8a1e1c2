import { envelopeRecipient } from '#shared/app/sending/envelope-recipients.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import { suppressedAddress, type SuppressionReason } from '#shared/core/model/suppression.ts';
import type { SuppressionPorts } from './ports.ts';

/**
 * Puts addresses on a tenant's list: all of them, or none where one is no address.
 *
 * @throws Refusal `recipients-refused`
 * @throws BudgetExceeded `suppressions-day`
 */
export async function addSuppressions(
  { suppressions, budgets, clock }: SuppressionPorts,
  tenant: TenantId,
  given: readonly { readonly address: string; readonly reason: SuppressionReason }[],
): Promise<{ added: number; known: number }> {
  const addedAt = clock.now().toISOString();
  // Of an address that is given twice the first reason counts, as it does on the list.
  const distinct = new Map(
    given
      .map(({ address, reason }) => ({
        tenant,
        address: suppressedAddress(envelopeRecipient(address)),
        reason,
        addedAt,
      }))
      .toReversed()
      .map((each) => [each.address, each]),
  );
  await budgets.take(tenant, 'suppressions', distinct.size);
  const added = await suppressions.addAll(tenant, [...distinct.values()]);
  return { added, known: distinct.size - added };
}
