import { dynamoClaimStore } from '#shared/adapters/aws/claim-store.ts';
import { readsOnly } from '#shared/adapters/aws/audit-trail.ts';
import { dynamoApiKeys } from '#shared/adapters/aws/api-keys.ts';
import { documentClient } from '#shared/adapters/aws/dynamo.ts';
import { route53Client, route53Zone } from '#shared/adapters/aws/route-53.ts';
import { dynamoRevokedKeys } from '#shared/adapters/aws/revoked-keys.ts';
import type { ClaimStore } from '#shared/app/ports/claim-store.ts';
import type { RevokedKeys } from '#shared/app/ports/key-vault.ts';
import type { TenantStore } from '#shared/app/ports/tenant-store.ts';
import type { Zone } from '#shared/app/ports/zone.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import type { Deployment } from '#shared/core/model/deployment.ts';
import type { DomainName, TenantId } from '#shared/core/model/names.ts';
import { changesBetween, recordKey } from '#shared/core/records/changes.ts';
import { desiredRecords } from '#shared/core/records/desired-records.ts';
import { CommandError, readArguments, UsageError } from '../command.ts';
import { domainRead, noteReadsIn, type NoteReads } from './note-reads.ts';
import { print, targetOf, targetOptions, targetUsage } from './targets.ts';

const usage = `Usage: npm run ops -- domains DOMAIN [--drift] [--aws] [--state DIR] [--json]

Says whose a domain is: which tenant DNS proves it for, every claim of it, and their state.

  --drift    compares the records of each claim in Route 53 with those that it should have too

The audit log of each of these tenants says that you asked.

${targetUsage}`;

export interface DomainPorts {
  readonly claims: Pick<ClaimStore, 'holder' | 'scan'>;
  readonly tenants: Pick<TenantStore, 'nameOf'>;
  readonly revokedKeys: Pick<RevokedKeys, 'among'>;
  readonly zone: Pick<Zone, 'listLabel'>;
  readonly deployment: Deployment;
  readonly noteReads: NoteReads;
}

/** A claim of a domain, as an operator sees it. */
export interface ClaimView {
  readonly tenant: TenantId;
  readonly tenantName: string;
  readonly isHolder: boolean;
  readonly label: string;
  readonly shard: string;
  readonly status: string;
  readonly createdAt: string;
  /** `name type` of records that differ from what Route 53 has; absent where they were not compared. */
  readonly drift?: readonly string[];
}

/** Whose a domain is. */
export interface Ownership {
  readonly domain: DomainName;
  readonly holder: TenantId | null;
  readonly claims: readonly ClaimView[];
}

/** @param comparesRecords true to ask Route 53 for the records of each claim */
export async function whoseIs(
  domain: DomainName,
  comparesRecords: boolean,
  ports: DomainPorts,
): Promise<Ownership> {
  const holder = await ports.claims.holder(domain);
  const claims: Claim[] = [];
  let cursor: string | undefined;
  // No index has the claims of a domain: an operator's question may read the table.
  do {
    const page = await ports.claims.scan({
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    });
    claims.push(...page.claims.filter((claim) => claim.domain === domain));
    cursor = page.cursor;
  } while (cursor !== undefined);
  await ports.noteReads(claims.map(({ tenant }) => domainRead(tenant, domain)));
  const views = await Promise.all(
    claims.map(async (claim): Promise<ClaimView> => ({
      tenant: claim.tenant,
      tenantName: (await ports.tenants.nameOf(claim.tenant)) ?? 'unknown',
      isHolder: holder?.label === claim.label,
      label: claim.label,
      shard: claim.shard,
      status: claim.lifecycle === 'live' ? claim.status : claim.lifecycle,
      createdAt: claim.createdAt,
      ...(comparesRecords ? { drift: await driftOf(claim, ports) } : {}),
    })),
  );
  return { domain, holder: holder?.tenant ?? null, claims: views };
}

async function driftOf(claim: Claim, { revokedKeys, zone, deployment }: DomainPorts) {
  const revoked = await revokedKeys.among(claim.keys.map(({ id }) => id));
  const wanted = desiredRecords(claim, revoked, deployment);
  const { records, foreign } = await zone.listLabel(claim.shard, claim.label);
  return [...changesBetween(wanted, records).map(({ record }) => recordKey(record)), ...foreign];
}

function linesOf({ domain, holder, claims }: Ownership): string[] {
  if (claims.length === 0) return [`Nobody has claimed ${domain}.`];
  const first =
    holder === null
      ? `${domain} is proven for nobody yet.`
      : `${domain} is ${holder}'s: its DNS has the records of that claim.`;
  return [
    first,
    ...claims.flatMap((claim) => [
      '',
      `${claim.isHolder ? 'holder' : 'claim '}  ${claim.tenant}  ${claim.tenantName}`,
      `        ${claim.status}, since ${claim.createdAt}`,
      `        ${claim.label}.${claim.shard}`,
      ...(claim.drift === undefined ? [] : driftLines(claim.drift)),
    ]),
  ];
}

const driftLines = (drift: readonly string[]): string[] =>
  drift.length === 0
    ? ['        Route 53 has its records as they should be']
    : [`        differ in Route 53: ${drift.join(', ')}`];

/** `npm run ops -- domains`. */
export async function main(): Promise<void> {
  const { values, positionals } = readArguments(
    usage,
    { ...targetOptions, drift: { type: 'boolean', default: false } },
    1,
  );
  const [domain] = positionals;
  if (domain === undefined) throw new UsageError(usage);
  if (!domain.includes('.')) throw new CommandError(`${domain} is no domain.`);
  const { settings, client } = targetOf(values);
  const dynamo = documentClient(client);
  const { tables, deployment } = settings;
  const ports: DomainPorts = {
    claims: dynamoClaimStore(dynamo, tables.claims, readsOnly),
    tenants: dynamoApiKeys(dynamo, tables.tenants),
    revokedKeys: dynamoRevokedKeys(dynamo, tables.revokedKeys),
    zone: route53Zone(route53Client(client)),
    deployment,
    noteReads: noteReadsIn(dynamo, tables.audit, 'npm run ops -- domains'),
  };
  const found = await whoseIs(domain.toLowerCase() as DomainName, values.drift, ports);
  print(found, values.json, linesOf);
}
