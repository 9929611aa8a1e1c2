import { retry, retryLimits } from '#shared/async/retry.ts';
import type { ClaimKey, ShareLink } from '#shared/core/model/claim.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import {
  idOfLink,
  openLinks,
  withoutShareLink,
  withRenewedLink,
  withShareLink,
} from '#shared/core/model/share-link.ts';
import type { DomainPorts } from './ports.ts';
import { requireClaim, requireLive } from './require-claim.ts';

type LinkPorts = Pick<DomainPorts, 'claims' | 'pending' | 'random' | 'clock'>;

/** A link as its tenant sees it, without its token. */
const shown = (link: ShareLink) => ({
  id: idOfLink(link),
  createdAt: link.createdAt ?? null,
  expiresAt: link.expiresAt,
});

/**
 * Makes a link that shows a domain's records, and nothing else, to anyone who has it.
 *
 * @throws Refusal `not-found`, `domain-deleting`
 * @throws Conflict where others write the claim each time
 */
export async function createShareLink(key: ClaimKey, ports: LinkPorts) {
  const { claims, pending, random, clock } = ports;
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    requireLive(claim);
    const made = withShareLink(claim, random.bytes(32), pending.linkDays, clock.now());
    await claims.update(claim, made.claim);
    return { token: made.token, ...shown(made.link) };
  });
}

/** @throws Refusal `not-found` */
export async function listShareLinks(key: ClaimKey, { claims, clock }: LinkPorts) {
  const claim = await requireClaim(key, claims);
  return { links: openLinks(claim, clock.now()).map(shown) };
}

/**
 * Ends a link.
 *
 * @throws Refusal `not-found` @throws Conflict
 */
export async function revokeShareLink(key: ClaimKey, id: string, ports: LinkPorts) {
  const { claims, clock } = ports;
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    const next = withoutShareLink(claim, id, clock.now());
    if (next === undefined) throw noSuchLink(id);
    await claims.update(claim, next);
    return { links: openLinks(next, clock.now()).map(shown) };
  });
}

/**
 * Has a link open for as long as a new one would, with the same address.
 *
 * @throws Refusal `not-found`, `domain-deleting` @throws Conflict
 */
export async function renewShareLink(key: ClaimKey, id: string, ports: LinkPorts) {
  const { claims, pending, clock } = ports;
  return retry(retryLimits.conflict, async () => {
    const claim = await requireClaim(key, claims);
    requireLive(claim);
    const renewed = withRenewedLink(claim, id, pending.linkDays, clock.now());
    if (renewed === undefined) throw noSuchLink(id);
    await claims.update(claim, renewed.claim);
    return shown(renewed.link);
  });
}

const noSuchLink = (id: string) =>
  new Refusal('not-found', `There is no open link "${id.slice(0, 32)}" to these records.`);
