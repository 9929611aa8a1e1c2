import { retry, retryLimits } from '#shared/async/retry.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { HandOverStore } from '../ports/hand-over-store.ts';
import type { PendingDays } from '#shared/core/model/expiry.ts';
import {
  newHandOver,
  revoked,
  withLink,
  withMailing,
  type HandOver,
} from '#shared/core/model/hand-over.ts';

export interface BeginPorts {
  readonly handOvers: Pick<HandOverStore, 'get' | 'put'>;
  readonly pending: Pick<PendingDays, 'linkDays'>;
  readonly random: Random;
  readonly clock: Clock;
}

/**
 * Makes a link to all domains of a contact, and renews those that open. Mails begin again where they
 * are wanted.
 *
 * @param mails true if the contact is to be mailed, at once and until nothing is left
 * @throws Conflict where others write the hand-over each time
 */
export async function beginHandOver(
  of: Pick<HandOver, 'owner' | 'contact' | 'page'>,
  mails: boolean,
  { handOvers, pending, random, clock }: BeginPorts,
): Promise<{ handOver: HandOver; token: string; expiresAt: string }> {
  return retry(retryLimits.conflict, async () => {
    const now = clock.now();
    const before = await handOvers.get(of.owner, of.contact);
    const made = withLink(
      { ...(before ?? newHandOver(of)), page: of.page },
      random.bytes(32),
      pending.linkDays,
      now,
    );
    const handOver = mails ? withMailing(made.handOver, now) : made.handOver;
    await handOvers.put(before, handOver);
    return { ...made, handOver };
  });
}

/**
 * Revokes every link to a contact's domains, and ends the mails.
 *
 * @returns undefined where there never was a link
 * @throws Conflict
 */
export async function revokeHandOver(
  { owner, contact }: Pick<HandOver, 'owner' | 'contact'>,
  { handOvers, clock }: Pick<BeginPorts, 'handOvers' | 'clock'>,
): Promise<HandOver | undefined> {
  return retry(retryLimits.conflict, async () => {
    const before = await handOvers.get(owner, contact);
    if (before === undefined) return undefined;
    const next = revoked(before, clock.now());
    await handOvers.put(before, next);
    return next;
  });
}
