import type { Claim } from '#shared/core/model/claim.ts';
import { activeState } from '#shared/core/model/tenant-state.ts';
import type { ClaimStore } from '../ports/claim-store.ts';
import type { RevocationLedger } from '../ports/revocation-ledger.ts';
import type { PlatformStore } from '../ports/platform-store.ts';
import type { Tenant, TenantStore } from '../ports/tenant-store.ts';
import { deletedSince, removedSince, type SincePorts, suppressedSince } from './since.ts';

export interface ForeseePorts extends SincePorts {
  readonly ledger: Pick<RevocationLedger, 'since'>;
  readonly claims: Pick<ClaimStore, 'scan'>;
  readonly tenants: Pick<TenantStore, 'list'>;
  readonly platforms: Pick<PlatformStore, 'list'>;
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
    | 'users-removed'
    | 'suppressions-added'
    | 'suppressions-removed'
    | 'webhooks-deleted'
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
  const people = await ofTenants(
    from,
    tenants.map(({ tenant }) => tenant),
    ports,
  );
  const platforms = await ports.platforms.list();
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
      [
        ...tenants.map(({ tenant: { name }, keys }) => ({ name, keys })),
        ...platforms.map(({ platform: { name }, keys }) => ({ name, keys })),
      ].flatMap(({ name, keys }) =>
        keys
          .filter(({ revokedAt }) => since(revokedAt))
          .map(({ prefix }) => `${prefix}... of ${name}`),
      ),
      'API keys were revoked since. They stay revoked: the restore revokes them again in its tables.',
    ),
    found(
      'tenants-stopped',
      tenants
        .filter(({ tenant: { state = activeState } }) => {
          return state.status !== 'active' && since(state.since);
        })
        .map(({ tenant }) => tenant.name),
      'Tenants were suspended or closed since. They stay so: the restore repeats it in its tables.',
    ),
    found(
      'users-removed',
      people.removed,
      'Users were removed since. They stay removed: the restore repeats it in its tables.',
    ),
    found(
      'suppressions-added',
      people.added,
      'Addresses came on suppression lists since. They stay there: the restore adds them to its tables.',
    ),
    found(
      'suppressions-removed',
      people.addresses,
      'Addresses were taken off suppression lists since. They would be there again, and not be mailed: tenants take them off again.',
    ),
    found(
      'webhooks-deleted',
      people.webhooks,
      'Webhooks were deleted since. They would be there again, and get events: tenants delete them again.',
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

/** What was added to or taken from tenants since a time, as people know it. */
async function ofTenants(
  from: string,
  tenants: readonly Pick<Tenant, 'id' | 'name'>[],
  ports: SincePorts,
): Promise<Readonly<Record<'removed' | 'added' | 'addresses' | 'webhooks', readonly string[]>>> {
  const found = { removed: [], added: [], addresses: [], webhooks: [] } as {
    [Name in 'removed' | 'added' | 'addresses' | 'webhooks']: string[];
  };
  for (const { id, name } of tenants) {
    const deleted = await deletedSince(id, from, ports);
    const ids = (subject: string): string[] =>
      deleted.filter((entry) => entry.subject === subject).map((entry) => entry.subjectId);
    const removed = await removedSince(id, from, deleted, ports);
    found.removed.push(...[...removed.keys()].map((user) => `${user} of ${name}`));
    const added = await suppressedSince(id, from, ports);
    found.added.push(...added.map(({ address }) => `${address} of ${name}`));
    found.addresses.push(...ids('suppression').map((address) => `${address} of ${name}`));
    found.webhooks.push(...ids('webhook').map((webhook) => `${webhook} of ${name}`));
  }
  return found;
}
