import type { RowDocument } from '#shared/api/routes/imports.ts';
import { identityViews } from '#shared/app/identity-views.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { Import, ImportRow, RowState } from '#shared/core/model/import.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import type { ImportPorts } from './ports.ts';

/** Parts that one page reads: 100 rows. */
const PARTS_PER_PAGE = 4;

interface PageOfRows {
  readonly cursor?: string | undefined;
  readonly state?: RowState | 'waiting' | undefined;
}

/**
 * Lists the rows of an import, part by part, with how far the domain of each is now.
 *
 * @throws Refusal `invalid-cursor`
 */
export async function listRows(
  { id, parts }: Import,
  { cursor, state }: PageOfRows,
  ports: ImportPorts,
): Promise<{ rows: RowDocument[]; cursor: string | null }> {
  const first = cursor === undefined ? 0 : partOf(cursor, parts);
  const last = Math.min(parts, first + PARTS_PER_PAGE);
  const read = await Promise.all(
    Array.from({ length: last - first }, (_, index) => ports.imports.part(id, first + index)),
  );
  const rows = read
    .flatMap((part) => part?.rows ?? [])
    .filter((row) => state === undefined || stateOf(row) === state);
  return { rows: await documentsOf(rows, ports), cursor: last < parts ? `part-${last}` : null };
}

function partOf(cursor: string, parts: number): number {
  const [, number] = /^part-(\d{1,4})$/.exec(cursor) ?? [];
  if (number !== undefined && Number(number) < parts) return Number(number);
  throw new Refusal(
    'invalid-cursor',
    'The cursor is not one that this list gave; start again without a cursor.',
  );
}

const stateOf = ({ outcome }: ImportRow): RowState | 'waiting' => outcome?.state ?? 'waiting';

async function documentsOf(
  rows: readonly ImportRow[],
  ports: Pick<ImportPorts, 'claims' | 'identities'>,
): Promise<RowDocument[]> {
  const keys = rows.flatMap(({ domain, outcome }) =>
    outcome?.tenant === undefined ? [] : [keyOf(outcome.tenant, domain)],
  );
  const held = [];
  for (let at = 0; at < keys.length; at += 50) {
    held.push(...(await ports.claims.getHeld(keys.slice(at, at + 50))));
  }
  const claims = held.flatMap(({ claim }) => (claim === undefined ? [] : [claim]));
  const views = await identityViews(claims, ports.identities);
  const byKey = new Map(claims.map((claim) => [`${claim.tenant} ${claim.domain}`, claim]));
  return rows.map((row) => {
    const { externalId, domain, outcome } = row;
    const claim = byKey.get(`${outcome?.tenant ?? ''} ${domain}`);
    return {
      row: row.row,
      externalId,
      domain,
      state: stateOf(row),
      code: outcome?.code ?? null,
      detail: outcome?.detail ?? null,
      tenant: outcome?.tenant ?? null,
      status: claim?.status ?? null,
      sending: claim === undefined ? null : sendingOf(views.get(claim.label)),
      forecast: outcome?.forecast ?? null,
    };
  });
}

const keyOf = (tenant: TenantId, domain: string) => ({ tenant, domain: domain as DomainName });

/** `waiting` until SES gave the value that the customer publishes. */
const sendingOf = (view: { status: string; token?: string } | undefined): string =>
  view?.token === undefined ? 'waiting' : view.status;
