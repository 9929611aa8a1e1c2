import type { Claim } from '#shared/core/model/claim.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { RevocationLedger } from '../ports/revocation-ledger.ts';
import type { TenantStore } from '../ports/tenant-store.ts';

export interface ForeseePorts {
  readonly ledger: Pick<RevocationLedger, 'since'>;
  readonly claims: Pick<ClaimStore, 'scan'>;
  readonly tenants: Pick<TenantStore, 'list'>;
  /** The messages that were accepted from a time on. */
  readonly messagesSince: (at: string) => Promise<number>;
}

/** What a restore of all tables to a time would undo. */
export interface Foreseen {
  /** Names it, for programs. */
  readonly what:
    | 'revoked-keys'
    | 'revoked-api-keys'
    | 'tenants-stopped'
    | 'tenants-lost'
    | 'domains-lost'
    | 'domains-deleted'
    | 'messages-forgotten';
  readonly count: number;
  /** The first of them, as people know them. */
  readonly some: readonly string[];
  /** What happens to them, in one sentence. */
  readonly says: string;
}

/** Names that are shown. */
const SHOWN = 10;
const PAGE = 500;

/**
 * Reports in advance what a restore of all tables to a time would bring back or lose, by what has
 * happened since.
 */
export async function foresee(at: Date, ports: ForeseePorts): Promise<Foreseen[]> {
  const from = at.toISOString();
  const since = (time: string | undefined): boolean => time !== undefined && time >= from;
  const revoked: string[] = [];
  for await (const { keyId } of ports.ledger.since(from)) revoked.push(keyId);
  const tenants = await ports.tenants.list();
  const claims: Claim[] = [];
  for await (const claim of allClaims(ports.claims)) {
    if (since(claim.createdAt) || since(claim.deletedAt)) claims.push(claim);
  }
  const messages = await ports.messagesSince(from);
  const found = (what: Foreseen['what'], some: readonly string[], says: string): Foreseen => ({
    what,
    count: some.length,
    some: some.slice(0, SHOWN),
    says,
  });
  const all: Foreseen[] = [
    found(
      'revoked-keys',
      revoked,
      'Keys were revoked since. They stay revoked: the bucket of revocations has them.',
    ),
    found(
      'revoked-api-keys',
      tenants.flatMap(({ tenant, keys }) =>
        keys
          .filter(({ revokedAt }) => since(revokedAt))
          .map(({ prefix }) => `${prefix}... of ${tenant.name}`),
      ),
      'API keys were revoked since. They would open the API again: revoke each again before you deploy.',
    ),
    found(
      'tenants-stopped',
      tenants
        .filter(({ tenant: { state = activeState } }) => {
          return state.status !== 'active' && since(state.since);
        })
        .map(({ tenant }) => tenant.name),
      'Tenants were suspended or closed since. They would be active again: do it again before you deploy.',
    ),
    found(
      'tenants-lost',
      tenants.filter(({ tenant }) => since(tenant.createdAt)).map(({ tenant }) => tenant.name),
      'Tenants were made since. They and their API keys would be gone.',
    ),
    found(
      'domains-lost',
      claims.filter(({ createdAt }) => since(createdAt)).map(({ domain }) => domain),
      'Domains were claimed since. They would be gone, and their customers would have to claim and publish again.',
    ),
    found(
      'domains-deleted',
      claims.filter(({ deletedAt }) => since(deletedAt)).map(({ domain }) => domain),
      'Domains were deleted since. They would be there again, and could send.',
    ),
    {
      what: 'messages-forgotten',
      count: messages,
      some: [],
      says: 'Messages were accepted since. Their status would be gone; those that wait would not be sent, and those that waited at that time and were sent since would be sent again.',
    },
  ];
  return all.filter(({ count }) => count > 0);
}

async function* allClaims(claims: ForeseePorts['claims']): AsyncIterable<Claim> {
  let cursor: string | undefined;
  do {
    const page = await claims.scan({ limit: PAGE, ...(cursor === undefined ? {} : { cursor }) });
    yield* page.claims;
    cursor = page.cursor;
  } while (cursor !== undefined);
}
