import { callInTurn } from '#shared/app/ses-turn.ts';
import { sendIdentityRequests, turnAbout } from '#shared/app/identity-views.ts';
import type { Identity, IdentityStore, SesIdentities } from '#shared/app/ports/identities.ts';
import type { IdentityRequest, Queue } from '#shared/app/ports/queues.ts';
import type { TimeSlots } from '#shared/app/ports/time-slots.ts';
import type { RetryTime } from '#shared/async/retry.ts';
import { DAY_MS } from '#shared/core/time.ts';

export interface IdentityPlannerPorts extends RetryTime {
  readonly identities: Pick<IdentityStore, 'all' | 'noteUsed'>;
  readonly ses: Pick<SesIdentities, 'list'>;
  readonly turns: TimeSlots;
  readonly queue: Queue<IdentityRequest>;
  /** The most identities that SES allows the account. */
  readonly quota: number;
  /** The share of them from which on an alarm says so. */
  readonly alarmPercent: number;
}

export interface IdentityPlan {
  /** Identities of the account, of whoever made them. */
  readonly used: number;
  /** True if the account has nearly as many as it may have. */
  readonly isNear: boolean;
  readonly queued: number;
}

/** A claim's check asks for a turn each day: an identity that had none for longer has no claim. */
const LEFT_OVER_MS = 2 * DAY_MS;

/**
 * Counts the account's identities, by which the identity function knows that there is no room left.
 * Queues the identities that were left over: without a claim, or cut short.
 *
 * @param deadline epoch milliseconds after which no throttled call is made again
 */
export async function planIdentities(
  ports: IdentityPlannerPorts,
  deadline: number,
): Promise<IdentityPlan> {
  const queued = await queueLeftOver(ports);
  const used = await countIdentities(ports, deadline);
  await ports.identities.noteUsed(used);
  return { used, isNear: used >= (ports.quota * ports.alarmPercent) / 100, queued };
}

async function countIdentities(ports: IdentityPlannerPorts, deadline: number): Promise<number> {
  let used = 0;
  let cursor: string | undefined;
  do {
    const from = cursor;
    const page = await callInTurn(ports, deadline, () => ports.ses.list(from));
    used += page.count;
    ({ cursor } = page);
  } while (cursor !== undefined);
  return used;
}

async function queueLeftOver({ identities, queue, clock }: IdentityPlannerPorts): Promise<number> {
  const before = clock.now().getTime() - LEFT_OVER_MS;
  const isLeftOver = ({ requestedAt, polledAt }: Identity) =>
    Math.max(Date.parse(requestedAt), Date.parse(polledAt)) < before;
  let queued = 0;
  for await (const page of identities.all()) {
    const requests = page.filter(isLeftOver).map(({ domain }) => turnAbout(domain));
    if (requests.length > 0) await sendIdentityRequests(queue, requests);
    queued += requests.length;
  }
  return queued;
}
