import { claimsOf } from '#shared/app/hand-over/contact-claims.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict, Refusal } from '#shared/core/model/errors.ts';
import {
  isHandOverToken,
  linkOf,
  withOpened,
  withoutMailing,
  type HandOver,
  type HandOverLink,
} from '#shared/core/model/hand-over.ts';
import { parseDomainName, type DomainName } from '#shared/core/model/names.ts';
import { hashOfToken, labelOfShareToken, openedBy } from '#shared/core/model/share-link.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import type { DomainPorts } from './ports.ts';

/** What a link opens: live claims, of one domain or of all whose DNS a contact runs. */
export interface OpenedLink {
  readonly claims: readonly Claim[];
  readonly expiresAt: string;
  /** The contact's name. */
  readonly name?: string;
  /** True if the contact is mailed reminders. */
  readonly reminds?: boolean;
}

export type OpenPorts = Pick<
  DomainPorts,
  'budgets' | 'claims' | 'clock' | 'contacts' | 'handOvers'
>;

/**
 * Opens a link by its token.
 *
 * @throws Refusal `not-found`, the same for a link that expired, was revoked or never was
 * @throws BudgetExceeded `shared-calls-minute`, a budget of the link
 */
export async function openLink(token: string, ports: OpenPorts): Promise<OpenedLink> {
  if (!isHandOverToken(token)) {
    const { claim, expiresAt } = await openOfDomain(token, ports);
    return { claims: [claim], expiresAt };
  }
  const { handOver, link } = await openHandOver(token, ports);
  const [contact, domains] = await Promise.all([
    ports.contacts.get(handOver.owner, handOver.contact),
    ports.contacts.domainsOf(handOver.owner, handOver.contact),
  ]);
  const [first] = domains;
  if (first === undefined) throw noSuchLink();
  await ports.budgets.countReading(link.hash, first.tenant);
  const claims = await claimsOf(domains, ports);
  if (claims.length === 0) throw noSuchLink();
  await noteOpened(handOver, link, ports);
  return {
    claims,
    expiresAt: link.expiresAt,
    ...(contact?.name === undefined ? {} : { name: contact.name }),
    reminds: handOver.mailing?.next !== undefined,
  };
}

/** @returns one claim of those that a link opens @throws Refusal `not-found` */
export async function openClaim(
  { token, domain }: { readonly token: string; readonly domain?: string | undefined },
  ports: OpenPorts,
): Promise<{ claim: Claim; expiresAt: string }> {
  const wanted = domain === undefined ? undefined : parseDomainName(domain);
  const opened = isHandOverToken(token)
    ? await openOfContact(token, wanted, ports)
    : await openOfDomain(token, ports);
  if (wanted !== undefined && opened.claim.domain !== wanted) throw noSuchLink();
  return opened;
}

/**
 * Ends the reminders of a contact, who asks for it.
 *
 * @throws Refusal `not-found` @throws Conflict
 */
export async function stopReminders(token: string, ports: OpenPorts): Promise<void> {
  await retry(retryLimits.conflict, async () => {
    const { handOver } = await openHandOver(token, ports);
    const stopped = withoutMailing(handOver, 'stopped', ports.clock.now());
    if (stopped !== handOver) await ports.handOvers.put(handOver, stopped);
  });
}

async function openOfDomain(token: string, { budgets, claims, clock }: OpenPorts) {
  const label = labelOfShareToken(token);
  const claim = label && (await claims.getByLabel(label));
  const link = claim && openedBy(claim, token, clock.now());
  if (claim === undefined || link === undefined) throw noSuchLink();
  await budgets.countReading(link.hash, claim.tenant);
  return { claim, expiresAt: link.expiresAt };
}

/** Reads the one domain alone, of however many the contact has. */
async function openOfContact(token: string, wanted: DomainName | undefined, ports: OpenPorts) {
  const { handOver, link } = await openHandOver(token, ports);
  const domains = await ports.contacts.domainsOf(handOver.owner, handOver.contact);
  const found = wanted === undefined ? domains[0] : domains.find((one) => one.domain === wanted);
  const key = found && { tenant: found.tenant, domain: found.domain as DomainName };
  const claim = key && (await ports.claims.get(key));
  if (claim?.lifecycle !== 'live') throw noSuchLink();
  await ports.budgets.countReading(link.hash, claim.tenant);
  return { claim, expiresAt: link.expiresAt };
}

async function openHandOver(
  token: string,
  { handOvers, clock }: OpenPorts,
): Promise<{ handOver: HandOver; link: HandOverLink }> {
  const hash = hashOfToken(token);
  const handOver = isHandOverToken(token) ? await handOvers.byLink(hash) : undefined;
  const link = handOver && linkOf(handOver, hash, clock.now());
  if (handOver === undefined || link === undefined) throw noSuchLink();
  return { handOver, link };
}

/** Notes the first time. Where somebody else writes at once, the next reading notes it. */
async function noteOpened(
  handOver: HandOver,
  { hash }: HandOverLink,
  { handOvers, clock }: OpenPorts,
): Promise<void> {
  const opened = withOpened(handOver, hash, clock.now());
  if (opened === undefined) return;
  try {
    await handOvers.put(handOver, opened);
  } catch (error) {
    if (!(error instanceof Conflict)) throw error;
  }
}

const noSuchLink = () =>
  new Refusal('not-found', 'This link is not valid any more. Ask whoever sent it for a new one.');
