import type { Identity, SesIdentity } from '#shared/app/ports/identities.ts';
import { MINUTE_MS } from '#shared/core/time.ts';

/**
 * - `make`: SES knows no identity; this deployment may make it.
 * - `verify`: it is this deployment's or adopted, and must be asked for again.
 * - `use`: it is this deployment's or adopted, and SES has what is needed.
 * - `leave`: somebody else's; nothing of it is changed.
 * - `wait`: another instance is just deleting it.
 */
export type Step = 'make' | 'verify' | 'use' | 'leave' | 'wait';

/** After this time a deletion that did not end was cut short. */
const REMOVAL_MS = 2 * MINUTE_MS;

/**
 * Decides what a turn does with the identity of a domain that has a claim.
 *
 * An intent is stored before SES is asked, so that an identity of our own is known after a crash
 * between the two. One that SES has verified though nobody was ever given its token was made by
 * somebody else meanwhile.
 *
 * @param identity as stored, undefined where there is none
 * @param seen SES's answer, undefined where it knows no such identity
 * @param deployment the name of this one
 */
export function nextStep(
  identity: Identity | undefined,
  seen: SesIdentity | undefined,
  deployment: string,
  now: Date,
): Step {
  const isOurs = identity !== undefined && mayUse(identity, deployment);
  if (isOurs && identity.stage === 'removing') {
    if (now.getTime() - Date.parse(identity.polledAt) < REMOVAL_MS) return 'wait';
  }
  if (seen === undefined) return 'make';
  if (!isOurs) return 'leave';
  if (identity.stage === 'making') {
    return seen.status === 'ready' ? 'leave' : 'verify';
  }
  const hasToken = (identity.token ?? seen.token) !== undefined;
  return seen.status === 'failed' || !hasToken ? 'verify' : 'use';
}

/** Returns true if the deployment made the identity, so that it may delete it. */
export const isOwn = ({ stage, madeBy }: Identity, deployment: string): boolean =>
  (stage === 'making' || stage === 'made' || stage === 'removing') &&
  (madeBy ?? deployment) === deployment;

const mayUse = (identity: Identity, deployment: string): boolean =>
  identity.stage === 'adopted' || isOwn(identity, deployment);
