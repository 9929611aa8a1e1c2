import { Conflict } from '#shared/core/model/errors.ts';
import { switchedOffEvent } from '#shared/core/model/event.ts';
import { isTaken, type DeliveryAttempt } from '#shared/core/model/delivery.ts';
import {
  afterFailure,
  isGivenUp,
  isSlowed,
  type EndpointFailures,
} from '#shared/core/model/endpoint-health.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { EventBus } from '#shared/app/ports/event-bus.ts';
import type { Webhook, WebhookChange, WebhookStore } from '#shared/app/ports/webhook-store.ts';

export interface TurnPorts {
  readonly webhooks: Pick<WebhookStore, 'get' | 'change'>;
  readonly bus: EventBus;
  readonly clock: Clock;
  readonly random: () => number;
}

/** When the next request to an endpoint may be made, ISO 8601; undefined: now. */
export const closedUntil = ({ failing }: Webhook, now: Date): string | undefined =>
  failing?.nextAt !== undefined && Date.parse(failing.nextAt) > now.getTime()
    ? failing.nextAt
    : undefined;

/**
 * Takes the one request that a slowed endpoint gets now. It is counted as a failure beforehand, so that
 * a function that ends in it leaves the endpoint slowed.
 *
 * @returns the webhook as it is stored then; undefined where another took the request
 */
export async function takeTurn(webhook: Webhook, ports: TurnPorts): Promise<Webhook | undefined> {
  const { failing } = webhook;
  if (!isSlowed(failing)) return webhook;
  const attempt = { at: ports.clock.now().toISOString(), error: failing.reason };
  const presumed = afterFailure(failing, attempt, ports.random());
  return changedUnlessConflict(webhook, { failing: presumed }, ports);
}

/** Notes the outcome of an attempt, and switches off an endpoint that has failed for too long. */
export async function noteOutcome(
  webhook: Webhook,
  attempt: DeliveryAttempt,
  ports: TurnPorts,
): Promise<void> {
  const { failing } = webhook;
  if (isTaken(attempt)) {
    if (failing === undefined) return;
    const isNoted = await changedUnlessConflict(webhook, { failing: undefined }, ports);
    // Somebody changed it meanwhile; what it took counts nevertheless.
    if (isNoted === undefined) await noteTaken(webhook, ports);
    return;
  }
  // The turn of a slowed endpoint is counted already.
  const failures = isSlowed(failing)
    ? { ...failing, reason: reasonOf(attempt) }
    : afterFailure(failing, attempt, ports.random());
  if (isGivenUp(failures, attempt)) return switchOff(webhook, failures, attempt, ports);
  if (failing?.reason !== failures.reason || failing.count !== failures.count) {
    await changedUnlessConflict(webhook, { failing: failures }, ports);
  }
}

const reasonOf = ({ status, error }: DeliveryAttempt): string => error ?? `answered ${status}`;

async function noteTaken({ tenant, id }: Webhook, ports: TurnPorts): Promise<void> {
  const now = await ports.webhooks.get(tenant, id);
  if (now?.failing !== undefined) await changedUnlessConflict(now, { failing: undefined }, ports);
}

/** Publishes before it writes: a notice may come twice, with one id, but is never left out. */
async function switchOff(
  webhook: Webhook,
  failing: EndpointFailures,
  { at }: DeliveryAttempt,
  ports: TurnPorts,
): Promise<void> {
  const { reason } = failing;
  await ports.bus.put([switchedOffEvent(webhook, failing, at)]);
  await changedUnlessConflict(webhook, { failing, off: { at, by: 'service', reason } }, ports);
}

async function changedUnlessConflict(
  webhook: Webhook,
  change: WebhookChange,
  { webhooks }: Pick<TurnPorts, 'webhooks'>,
): Promise<Webhook | undefined> {
  try {
    return await webhooks.change(webhook, change);
  } catch (error) {
    if (error instanceof Conflict) return undefined;
    throw error;
  }
}
