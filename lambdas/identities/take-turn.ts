import { foreignIdentity } from '#shared/core/model/operator-event.ts';
import type { Claim } from '#shared/core/model/claim.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import type { DomainName } from '#shared/core/model/names.ts';
import type { Identity, IdentityView, SesIdentity } from '#shared/app/ports/identities.ts';
import type { Batch } from './batch.ts';
import { makeIdentity, verifyAgain } from './make-identity.ts';
import { nextStep } from './next-step.ts';

/** A turn about a domain that has a claim. */
export interface Turn {
  readonly domain: DomainName;
  /** The claim whose turn it is; undefined where it is the service's. */
  readonly claim: Pick<Claim, 'label'> | undefined;
  /** What the claim saw after its last turn. */
  readonly view: IdentityView | undefined;
  /** True if the claim is proven and holds the domain. */
  readonly holds: boolean;
  /** True if the claim's check saw SES's record in DNS. */
  readonly recordSeen: boolean;
}

/** Returns true if a claim has not been given its token; its turn then takes two calls of SES. */
export const isFirst = ({ claim, view }: Turn): boolean =>
  claim !== undefined && view?.token === undefined;

/**
 * Takes a claim's turn at SES, once the status of its domain's identity was asked for. It makes as
 * many calls as for a domain that nobody else has claimed: a second one until the claim has its
 * token, and one for the MAIL FROM once it is proven.
 *
 * @param seen SES's answer, undefined where it knows no such identity
 * @returns what the claim sees now; undefined where the identity is somebody else's
 * @throws IdentityQuotaFull
 * @throws Conflict where another instance is deleting the identity
 */
export async function takeTurn(
  batch: Batch,
  turn: Turn,
  seen: SesIdentity | undefined,
): Promise<Omit<IdentityView, 'label'> | undefined> {
  const { domain, view } = turn;
  const identity = await settle(batch, turn, seen);
  if (identity === undefined) return undefined;
  const { token } = identity;
  const status = shownStatus(turn, identity);
  const hasMailFrom = await setMailFrom(batch, turn, identity);
  if (view !== undefined && status !== view.status) {
    batch.ports.log({ kind: 'moved', domain, to: status });
  }
  return {
    status,
    ...(token === undefined ? {} : { token }),
    hasMailFrom,
    polledAt: batch.now().toISOString(),
  };
}

/**
 * The status as the claim sees it. It is `ready` once the claim's own check saw the record by which
 * SES verifies: another claim's record may have done so before. What the operator adopted is as it is.
 */
const shownStatus = ({ recordSeen, view }: Turn, { stage, status }: Identity): Identity['status'] =>
  stage === 'adopted' || recordSeen || view?.status === 'ready' ? status : 'preparing';

async function settle(
  batch: Batch,
  turn: Turn,
  seen: SesIdentity | undefined,
): Promise<Identity | undefined> {
  const { domain } = turn;
  const { name } = batch.ports;
  const known = batch.identity(domain);
  switch (nextStep(known, seen, name, batch.now())) {
    case 'wait':
      throw new Conflict(`the identity of ${domain}`);
    case 'make':
      return makeIdentity(batch, domain);
    case 'verify':
      if (seen?.status === 'failed') batch.ports.log({ kind: 'given-up', domain });
      return verifyAgain(batch, domain);
    case 'leave':
      await noteForeign(batch, domain, seen as SesIdentity);
      if (isFirst(turn)) await batch.call((ses) => ses.status([domain]));
      return undefined;
    case 'use': {
      const latest = isFirst(turn)
        ? ((await batch.call((ses) => ses.status([domain]))).get(domain) ?? seen)
        : seen;
      return noteStatus(batch, domain, latest as SesIdentity);
    }
  }
}

/** A deletion that was cut short is none: the domain has a claim again. */
const noteStatus = (batch: Batch, domain: DomainName, { status, token }: SesIdentity) =>
  batch.amend(domain, (identity) => ({
    ...identity,
    stage: identity.stage === 'removing' ? 'made' : identity.stage,
    status,
    ...(identity.token === undefined && token !== undefined ? { token } : {}),
    polledAt: batch.now().toISOString(),
  }));

/** Notifies the operator, once, of an identity that the deployment did not make. */
async function noteForeign(batch: Batch, domain: DomainName, seen: SesIdentity): Promise<void> {
  const { ports } = batch;
  const at = batch.now().toISOString();
  const known = batch.identity(domain);
  if (known?.stage !== 'foreign') {
    ports.log({ kind: 'foreign', domain });
    await ports.operatorEvents.put([foreignIdentity(domain, at)]);
  }
  const { status } = seen;
  const requestedAt = known?.stage === 'foreign' ? known.requestedAt : at;
  await batch.put({ domain, stage: 'foreign', status, requestedAt, polledAt: at }, known);
}

/** @returns whether the claim's mail has the domain's own MAIL FROM */
async function setMailFrom(
  batch: Batch,
  { domain, view, holds }: Turn,
  identity: Identity,
): Promise<boolean> {
  const isSet = identity.mailFrom !== undefined || identity.keepsMailFrom === true;
  const had = view?.hasMailFrom === true && isSet;
  if (!holds || had) return had;
  if (identity.keepsMailFrom !== true) {
    const mailFrom = `${batch.ports.deployment.bounceLabel}.${domain}`;
    await batch.call((ses) => ses.setMailFrom(domain, mailFrom));
    await batch.amend(domain, (stored) => ({ ...stored, mailFrom }));
  }
  return true;
}
