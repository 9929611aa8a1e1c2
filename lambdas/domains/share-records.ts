import type { ApiResult } from '#shared/api/http.ts';
import type { OnlyPart, RecordFormat } from '#shared/api/routes/record-schemas.ts';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { registrableDomain } from '#shared/core/model/registrable-domain.ts';
import { awaitCheck } from './check-domain.ts';
import { describeClaim, describeClaims } from './describe-claims.ts';
import { asksDns, exportRecords, isOf } from './export-records.ts';
import { openClaim, openLink, type OpenPorts } from './open-link.ts';
import { changesNow } from './remaining-changes.ts';
import type { DomainPorts } from './ports.ts';
import { whileWaiting } from './while-waiting.ts';
import { requireLive } from './require-claim.ts';

/** The link, and the domain where it opens several. */
export interface SharedKey {
  readonly token: string;
  readonly domain?: string | undefined;
}

/** The content behind a link: the records to be published, and their statuses. */
export type SharedRecords = Pick<DomainDocument, 'name' | 'checkedAt' | 'records' | 'progress'> & {
  expiresAt: string;
};

type SharePorts = Parameters<typeof describeClaim>[1] & OpenPorts;

/**
 * The domains behind a link, and how far each is.
 *
 * @throws Refusal `not-found` @throws BudgetExceeded `shared-calls-minute`
 */
export async function sharedDomains(token: string, ports: SharePorts) {
  const { claims, expiresAt, name: contact = null, reminds = false } = await openLink(token, ports);
  const documents = await describeClaims(claims, ports);
  return {
    expiresAt,
    name: contact,
    reminds,
    domains: documents.map(({ name, status, progress, checkedAt }, index) => ({
      name,
      zone: registrableDomain((claims[index] as Claim).domain),
      status,
      progress,
      checkedAt,
    })),
  };
}

/**
 * The records behind a link.
 *
 * @throws Refusal `not-found`, the same for a link that expired, was revoked or never was
 * @throws BudgetExceeded `shared-calls-minute`, a budget of the link
 */
export async function sharedRecords(key: SharedKey, ports: SharePorts): Promise<SharedRecords> {
  const { claim, expiresAt } = await openClaim(key, ports);
  return documentOf(claim, expiresAt, ports);
}

/**
 * Exports the records behind a link in the form of a tool.
 *
 * @throws Refusal `not-found`
 * @throws BudgetExceeded `shared-calls-minute`, `waiting-records`
 */
export async function exportShared(
  { format, only, ...key }: SharedKey & { readonly format: RecordFormat; readonly only?: OnlyPart },
  ports: SharePorts & Pick<DomainPorts, 'resolver'>,
): Promise<ApiResult> {
  const { claim, expiresAt } = await openClaim(key, ports);
  const shared = await documentOf(claim, expiresAt, ports);
  const records = shared.records.filter(isOf(only));
  const exported = { checkedAt: shared.checkedAt, records, name: claim.domain };
  if (!asksDns(records, format)) return exportRecords(exported, [], format);
  return whileWaiting(claim, ports, async () =>
    exportRecords(exported, await changesNow(records, ports.resolver), format),
  );
}

/**
 * Checks the records behind a link, and waits up to 2 s for the result.
 *
 * @returns the records, and whether that check has ended
 * @throws Refusal `not-found`, `domain-deleting`
 */
export async function checkSharedRecords(
  key: SharedKey,
  ports: SharePorts & Parameters<typeof awaitCheck>[1],
): Promise<{ shared: SharedRecords; isDone: boolean; requestedAt: string }> {
  const { claim, expiresAt } = await openClaim(key, ports);
  requireLive(claim);
  const { claim: checked, isDone, requestedAt } = await awaitCheck(claim, ports);
  return { shared: await documentOf(checked, expiresAt, ports), isDone, requestedAt };
}

async function documentOf(
  claim: Claim,
  expiresAt: string,
  ports: SharePorts,
): Promise<SharedRecords> {
  const { name, checkedAt, records, progress } = await describeClaim(claim, ports);
  return { name, checkedAt, records, progress, expiresAt };
}
