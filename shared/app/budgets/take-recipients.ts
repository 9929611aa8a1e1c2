import type { TenantId } from '#shared/core/model/names.ts';
import type { Budgets } from './budgets.ts';

/**
 * Takes the recipients of a mail from its tenant's budgets, before it is accepted. One that was
 * accepted before, and is submitted again, takes nothing.
 *
 * @throws BudgetExceeded `recipients-minute`, `recipients-day`
 */
export async function takeRecipients(
  budgets: Pick<Budgets, 'take'>,
  tenant: TenantId,
  recipients: number,
): Promise<void> {
  await budgets.take(tenant, 'recipients', recipients);
}
