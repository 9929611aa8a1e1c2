import { sendIdentityRequests } from '#shared/app/identity-views.ts';
import type { IdentityView } from '#shared/app/ports/identities.ts';
import type { IdentityRequest } from '#shared/app/ports/queues.ts';
import { later } from '#shared/core/time.ts';
import type { IdentityPorts } from './ports.ts';

const FIRST_DELAY_SECONDS = 5;
/** The longest delay that SQS has. */
const LONGEST_DELAY_SECONDS = 900;
/** Clocks of instances differ; the message that was sent must not find itself too early. */
const EARLY_MS = 500;

export interface Retry {
  readonly delaySeconds: number;
  readonly tries: number;
  /** What the claim sees meanwhile; the same as before by default. */
  readonly status?: IdentityView['status'];
}

/** The next try of what failed: after 5 s, and twice as long each time, up to 15 min. */
export const afterFailure = ({ tries = 0 }: IdentityRequest): Retry => ({
  delaySeconds: Math.min(LONGEST_DELAY_SECONDS, FIRST_DELAY_SECONDS * 2 ** Math.min(tries, 10)),
  tries: tries + 1,
});

/** The next check of what only the operator can change. */
export const whileHeld: Retry = {
  delaySeconds: LONGEST_DELAY_SECONDS,
  tries: 0,
  status: 'held',
};

/** The next try of what there was no time for. */
export const atOnce = ({ tries = 0 }: IdentityRequest): Retry => ({ delaySeconds: 1, tries });

/**
 * Sends a request again, with a delay. A claim has one such message under way: a request that comes
 * meanwhile, by a check, starts no second one.
 */
export async function retryTurn(
  { queue, identities, clock }: Pick<IdentityPorts, 'queue' | 'identities' | 'clock'>,
  request: IdentityRequest,
  view: IdentityView | undefined,
  { delaySeconds, tries, status }: Retry,
): Promise<void> {
  const now = clock.now();
  const next = status ?? view?.status ?? 'preparing';
  const isUnderWay = view?.retryAt !== undefined && Date.parse(view.retryAt) > now.getTime();
  if (!isUnderWay) await sendIdentityRequests(queue, [{ ...request, tries }], delaySeconds);
  if (request.claim === undefined || (isUnderWay && next === view.status)) return;
  const { label } = request.claim;
  const { token: _, ...rest } = view ?? { label, polledAt: now.toISOString() };
  await identities.putView({
    // Of an identity that is held the value is not to be published.
    ...(status === 'held' ? rest : { ...rest, ...(view?.token && { token: view.token }) }),
    status: next,
    retryAt: isUnderWay ? view.retryAt : later(now, delaySeconds * 1000 - EARLY_MS),
  });
}
