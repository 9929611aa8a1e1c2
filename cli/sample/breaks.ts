import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DomainDocument } from '#shared/api/routes/domain-schemas.ts';
import { mapLimited } from '#shared/async/limit.ts';
import type { ClaimStatus } from '#shared/core/model/claim.ts';
import { parseDomainName, type TenantId } from '#shared/core/model/names.ts';
import { HOUR_MS, later } from '#shared/core/time.ts';
import { isOfMany, type Story } from './cast.ts';
import { AT_ONCE, changeClaim, LIMIT_MS, type SampleTenant, type Stage } from './stage.ts';
import { documentOf, zoneOf, type Documents } from './zones.ts';

interface Break {
  /** Days ago. */
  readonly since: number;
  readonly status: Extract<ClaimStatus, 'at-risk' | 'lost'>;
  readonly reason: { readonly reason: string; readonly detail: string };
  /** True of the records that went. */
  readonly gone: (record: DomainDocument['records'][number]) => boolean;
}

const noCname = { reason: 'missing', detail: 'No record is found at the name of a key.' };

const breaks: Readonly<Partial<Record<Story, Break>>> = {
  'one-record-gone': {
    since: 1,
    status: 'at-risk',
    reason: noCname,
    gone: ({ id }) => id === 'dkim-one',
  },
  'no-keys': {
    since: 2,
    status: 'at-risk',
    reason: noCname,
    gone: ({ purpose }) => purpose === 'dkim',
  },
  lost: {
    since: 9,
    status: 'lost',
    reason: { reason: 'broken-for-7-days', detail: 'The records were broken for 7 days.' },
    gone: ({ purpose }) => purpose === 'dkim',
  },
};

/** Takes records out of DNS, deletes a domain, and has everything checked. */
export async function breakDomains(
  tenant: SampleTenant,
  documents: Documents,
  stage: Stage,
): Promise<void> {
  const some = tenant.domains.filter((each) => !isOfMany(each));
  await mapLimited(some, AT_ONCE, async ({ name, story }) => {
    const broken = breaks[story];
    if (broken !== undefined) await breakDomain(tenant, name, broken, documents, stage);
    if (story === 'deleting') await tenant.api.call('DELETE', `/v1/domains/${name}`);
    else await tenant.api.call('POST', `/v1/domains/${name}/checks`);
    if (story === 'no-keys') await backdateBreak(tenant.id, name, stage);
  });
}

async function breakDomain(
  { id }: SampleTenant,
  name: string,
  { since, status, reason, gone }: Break,
  documents: Documents,
  stage: Stage,
): Promise<void> {
  const left = documentOf(documents, name).records.filter((record) => !gone(record));
  await writeFile(join(stage.customerDns, `${name}.zone`), zoneOf(name, left));
  await changeClaim(
    id,
    name,
    (claim) =>
      stage.ports.claims.update(claim, {
        ...claim,
        version: claim.version + 1,
        status,
        statusSince: stage.past.ago(since),
        statusReason: reason,
      }),
    stage,
  );
}

/** Has the check that saw a domain broken remember that it broke when its claim says so. */
async function backdateBreak(tenant: TenantId, name: string, stage: Stage): Promise<void> {
  const { claims, checks } = stage.ports;
  const claim = await claims.get({ tenant, domain: parseDomainName(name) });
  if (claim === undefined) throw new Error(`${name} is not claimed`);
  const { label, domain, statusSince } = claim;
  for (const deadline = Date.now() + LIMIT_MS; Date.now() < deadline; await sleep(200)) {
    // Taking the lock before that would keep the check waiting.
    if ((await checks.get(label))?.memory.brokenSince === undefined) continue;
    const now = new Date().toISOString();
    const lock = { owner: `sample ${name}`, since: now, until: later(now, HOUR_MS) };
    const state = await checks.lock({ label, tenant, domain }, lock);
    if (state?.result === undefined) continue;
    const { result, memory, dueAt } = state;
    const remembered = { ...memory, brokenSince: statusSince };
    await checks.record({ label, tenant, domain, dueAt, result, memory: remembered }, lock.owner);
    return;
  }
  throw new Error(`no check saw that ${name} is broken`);
}
