import { retry, retryLimits } from '#shared/async/retry.ts';
import { claimDomain } from '#shared/app/claims/claim-domain.ts';
import type { PlatformTenant } from '#shared/app/ports/platform-store.ts';
import { createPlatformTenant } from '#shared/app/tenants/create-tenant.ts';
import { contactIdOf } from '#shared/core/model/contact.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Import, ImportRow, RowOutcome } from '#shared/core/model/import.ts';
import type { DomainName, Label } from '#shared/core/model/names.ts';
import type { ImporterPorts } from './ports.ts';

/** What became of a row, and the label of the claim where this row made it. */
export interface ClaimedRow {
  readonly outcome: RowOutcome;
  readonly made?: Label;
}

/**
 * Makes the tenant of a row, claims its domain, and notes its contact. Each step is done once however
 * often the row comes: the tenant by its external id, the claim by a key that names import and row.
 *
 * @throws Throttled, Conflict, or Refusal `busy`, where another try may cure it
 */
export async function claimRow(
  { id, platform }: Pick<Import, 'id' | 'platform'>,
  row: ImportRow,
  ports: ImporterPorts,
): Promise<ClaimedRow> {
  const { externalId, name } = row;
  const domain = row.domain as DomainName;
  const tenant = await createPlatformTenant({ platform, externalId, name }, ports);
  const status = tenant.state?.status ?? 'active';
  if (status !== 'active') {
    return failed(
      new Refusal(
        status === 'closed' ? 'account-closed' : 'account-suspended',
        `The tenant "${externalId}" is ${status}; resume it, then import the row again.`,
      ),
    );
  }
  const claimed = await claim(`${id}#${row.row}`, domain, tenant, ports);
  if (claimed.outcome.state !== 'failed') await noteContact(row, tenant, ports);
  return claimed;
}

async function claim(
  idempotencyKey: string,
  domain: DomainName,
  { id, platform }: PlatformTenant,
  ports: ImporterPorts,
): Promise<ClaimedRow> {
  try {
    const request = { tenant: id, platform, name: domain, idempotencyKey, isTaken: true };
    const { label } = await claimDomain(request, ports);
    return { outcome: { state: 'claimed', tenant: id }, made: label };
  } catch (error) {
    if (!(error instanceof Refusal) || error.code === 'busy') throw error;
    if (error.code === 'domain-already-claimed') {
      return { outcome: { state: 'existing', tenant: id } };
    }
    return failed(error);
  }
}

const failed = ({ code, message }: Refusal): ClaimedRow => ({
  outcome: { state: 'failed', code, detail: message },
});

/** A row without a contact leaves the one that the domain has. */
async function noteContact(
  { contact, domain }: ImportRow,
  { id: tenant, platform: owner }: PlatformTenant,
  { contacts, clock }: ImporterPorts,
): Promise<void> {
  if (contact === undefined) return;
  const id = contactIdOf(owner, contact.email);
  const createdAt = clock.now().toISOString();
  await retry(retryLimits.conflict, () =>
    contacts.assign({ ...contact, id, owner, createdAt }, { tenant, domain: domain as DomainName }),
  );
}
