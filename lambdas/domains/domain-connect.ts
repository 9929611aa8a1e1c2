import type {
  DomainConnectDocument,
  DomainConnectReason,
} from '#shared/api/routes/domain-connect.ts';
import type { RecordDocument } from '#shared/api/routes/record-schemas.ts';
import { within } from '#shared/async/timeout.ts';
import { isDelegated, isParked, isSelfHosted, type Claim } from '#shared/core/model/claim.ts';
import { encodeRandom128, isLabel } from '#shared/core/model/names.ts';
import {
  applyUrl,
  canonicalQuery,
  isSignatureOf,
  type ApplyParameters,
} from '#shared/core/domain-connect/apply-url.ts';
import { readPublicKey } from '#shared/core/domain-connect/public-key.ts';
import { keyName, type DomainConnectService } from '#shared/core/domain-connect/service.ts';
import type { TemplateValues } from '#shared/core/domain-connect/template.ts';
import { kindOf } from '#shared/core/records/customer-records.ts';
import { isRemaining, type RemainingChange } from '#shared/core/records/remaining-change.ts';
import { describeClaim } from './describe-claims.ts';
import { findProvider } from './find-provider.ts';
import type { DomainConnectPorts, DomainPorts } from './ports.ts';
import { changesNow } from './remaining-changes.ts';
import { requireLive } from './require-claim.ts';

/** Before the function's own timeout, with room to answer. */
const TIMEOUT_MS = 20_000;

/**
 * Returns if the domain's DNS provider can create its records, and the signed link by which the
 * customer requests it. The link is given only where it is harmless and works: the service verifies
 * by DNS what the provider will verify.
 *
 * @throws Refusal `domain-deleting`
 * @throws Throttled where KMS does not sign now
 */
export async function domainConnect(
  claim: Claim,
  ports: DomainPorts,
  { timeoutMs = TIMEOUT_MS, returns = true }: Asked = {},
): Promise<DomainConnectDocument> {
  requireLive(claim);
  const { domainConnect: connect } = ports;
  if (connect === undefined) {
    return unsupported('not-offered', 'This service does not offer Domain Connect.');
  }
  if (isSelfHosted(claim)) {
    const detail = `You publish the keys of ${claim.domain} yourself; Domain Connect would create records that point at ours.`;
    return unsupported('self-hosted', detail);
  }
  if (isDelegated(claim)) {
    const detail = `${claim.domain} is delegated by one NS record, for which there is no template.`;
    return unsupported('delegated', detail);
  }
  const { records } = await describeClaim(claim, ports);
  const isSeen = records.some(({ status }) => status !== 'unknown' && status !== 'preparing');
  if (!isSeen || records.some(({ status }) => status === 'preparing')) {
    return unsupported('preparing', 'The records are being prepared; ask again in a few seconds.');
  }
  if (!records.some(isRemaining)) return complete(claim);
  return within(
    timeoutMs,
    linkFor(claim, records, { ports, connect, returns }),
    unsupported('provider-failed', 'The DNS provider of the domain takes too long to answer.'),
  );
}

interface Asked {
  /** Milliseconds; by default before the function's own timeout. */
  readonly timeoutMs?: number;
  /** False for somebody without an account: the provider then shows the end itself. */
  readonly returns?: boolean;
}

interface Linking {
  readonly ports: DomainPorts;
  readonly connect: DomainConnectPorts;
  readonly returns: boolean;
}

async function linkFor(
  claim: Claim,
  records: readonly RecordDocument[],
  { ports, connect, returns }: Linking,
): Promise<DomainConnectDocument> {
  const [provider, isOthers, changes] = await Promise.all([
    findProvider(claim.domain, connect, ports.resolver),
    pointsAtOthers(claim, ports),
    changesNow(records, ports.resolver),
  ]);
  if ('reason' in provider) {
    return { ...unsupported(provider.reason, provider.detail), provider: provider.name ?? null };
  }
  const { name, zone, urlSyncUX } = provider;
  if (isOthers) {
    const detail = `The DKIM records of ${claim.domain} point at another account of this service. If the domain is to move to yours, create the records by hand.`;
    return { ...unsupported('other-account', detail), provider: name };
  }
  const written = toBeWritten(records, changes).filter(
    // Of a parked domain's records the template has this one only.
    ({ purpose }) => !isParked(claim) || purpose === 'dmarc',
  );
  if (written.length === 0) return { ...complete(claim), provider: name };
  const parameters = {
    ...parametersFor(claim, zone, written),
    ...(returns ? { redirect_uri: returnTo(claim, connect.service) } : {}),
  };
  const state = encodeRandom128(ports.random.bytes(16));
  const query = canonicalQuery({ ...parameters, state });
  const signature = await connect.signer.sign(query);
  const problem = await problemWith(query, signature, ports);
  if (problem !== undefined) {
    connect.log(problem);
    return unsupported('not-offered', 'Domain Connect is not set up completely at this service.');
  }
  return {
    supported: true,
    provider: name,
    applyUrl: applyUrl(urlSyncUX, connect.service, query, signature),
    records: written.map(({ id }) => id),
    reason: null,
    detail: null,
  };
}

const unsupported = (reason: DomainConnectReason, detail: string): DomainConnectDocument => ({
  supported: false,
  provider: null,
  applyUrl: null,
  records: [],
  reason,
  detail,
});

/**
 * Returns true if the domain's DKIM records point at a label that is no claim of this tenant, past
 * or present. Such a link would move a domain between accounts: who agrees to it at the provider
 * sees our name and no difference. The label's owner, if any, is not revealed.
 */
async function pointsAtOthers(
  { domain, keys, label, tenant }: Claim,
  { resolver, claims, deployment }: DomainPorts,
): Promise<boolean> {
  const lookups = await Promise.all(
    keys.map(({ selector }) => resolver.lookup(`${selector}._domainkey.${domain}`, 'CNAME')),
  );
  const targets = lookups.flatMap(({ values }) => values);
  const labels = targets
    .filter((target) => target.endsWith(`.${deployment.zone}`))
    .flatMap((target) => target.slice(0, -`.${deployment.zone}`.length).split('.').at(-2) ?? [])
    .filter((found) => found !== label);
  const holders = await Promise.all(
    [...new Set(labels)].map(async (found) =>
      isLabel(found) ? claims.getByLabel(found) : undefined,
    ),
  );
  return holders.some((holder) => holder?.tenant !== tenant);
}

const complete = ({ domain }: Claim): DomainConnectDocument =>
  unsupported(
    'complete',
    `Nothing remains that the DNS provider of ${domain} could create; what the records of the domain still show is left to you.`,
  );

const isLeft = ({ record, change }: RemainingChange): boolean =>
  change.action === 'by-hand' || !(kindOf(record).mayBeWritten?.(record) ?? true);

/**
 * The records that the provider shall write: those that remain, but for kinds of which one is left to
 * the customer. A provider writes all records of a kind, and in doing so deletes what conflicts.
 */
function toBeWritten(
  records: readonly RecordDocument[],
  changes: readonly RemainingChange[],
): RecordDocument[] {
  const remaining = new Set(changes.map(({ record }) => record.id));
  const left = new Set(changes.filter(isLeft).map(({ record }) => record.purpose));
  return records.filter(({ id, purpose }) => remaining.has(id) && !left.has(purpose));
}

function parametersFor(
  claim: Claim,
  zone: string,
  written: readonly RecordDocument[],
): ApplyParameters {
  const { domain, label, shard } = claim;
  const values: TemplateValues = {
    label,
    shard: /^s(\d+)\./.exec(shard)?.[1] ?? '',
    sestoken: written.find(({ purpose }) => purpose === 'ses-identity')?.value ?? '',
  };
  return {
    domain: zone,
    ...(domain === zone ? {} : { host: domain.slice(0, -`.${zone}`.length) }),
    groupId: [...new Set(written.map(({ purpose }) => purpose))].join(','),
    ...values,
  };
}

/** The customer's page of the domain in the dashboard (§8.3.1, `redirect_uri`). */
const returnTo = ({ domain }: Claim, { dashboard }: DomainConnectService): string =>
  `https://${dashboard}/domains/${encodeURIComponent(domain)}/set-up`;

/**
 * Returns why a provider would refuse a signature, found as the provider will; undefined where it
 * would not.
 */
async function problemWith(
  query: string,
  signature: Uint8Array,
  { resolver, deployment }: DomainPorts,
): Promise<string | undefined> {
  const name = keyName(deployment.zone);
  const { values } = await resolver.lookup(name, 'TXT');
  const key = readPublicKey(values);
  if (key === undefined) {
    return `${name} has no public key in DNS; publish it with: npm run domain-connect -- key --aws`;
  }
  return isSignatureOf(query, signature, key)
    ? undefined
    : `${name} has another public key than the one that signs; publish that with: npm run domain-connect -- key --aws`;
}
