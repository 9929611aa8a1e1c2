import { Conflict } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import { TEST_EVENT } from '#shared/core/model/events/webhooks.ts';
import {
  afterAttempt,
  delayUntil,
  LONGEST_WAIT_MS,
  replayed,
  type DeliveryAttempt,
} from '#shared/core/model/delivery.ts';
import { later } from '#shared/core/time.ts';
import type { DeliveryRequest, Queue } from '#shared/app/ports/queues.ts';
import {
  ownedBy,
  toOwner,
  type DeliveryRecord,
  type Webhook,
  type WebhookStore,
} from '#shared/app/ports/webhook-store.ts';
import { isPlatformId } from '#shared/core/model/names.ts';
import type { Post } from '#shared/adapters/webhooks/post.ts';
import { signWebhook } from '#shared/adapters/webhooks/signature.ts';
import { closedUntil, noteOutcome, takeTurn, type TurnPorts } from './endpoint-turns.ts';
import type { WebhookSecrets } from './webhook-secrets.ts';
import type { WebhookTime } from './webhook-time.ts';

/** A message of the queue: an event as EventBridge hands it over, or one for an endpoint. */
export type WebhookMessage = { readonly detail: ServiceEvent } | DeliveryRequest;

export interface WebhookPorts extends TurnPorts {
  readonly webhooks: Pick<
    WebhookStore,
    'receiving' | 'platformOf' | 'get' | 'change' | 'begin' | 'put'
  >;
  readonly secrets: Pick<WebhookSecrets, 'sealed' | 'signing'>;
  readonly queue: Queue<DeliveryRequest>;
  readonly post: Post;
  readonly time: Pick<WebhookTime, 'isUsedUp' | 'spend'>;
}

/**
 * Handles one message. An event that one endpoint of its tenant wants is delivered at once; for
 * several it goes on to each. A message for an endpoint is delivered, or waits: until its next attempt
 * is due, until its tenant has time, or until a failing endpoint gets another request.
 */
export async function handle(message: WebhookMessage, ports: WebhookPorts): Promise<void> {
  if ('webhook' in message) return deliver(message, ports);
  const event = message.detail;
  const wanting = (await ports.webhooks.receiving(event.tenant)).filter(({ events }) =>
    events.includes(event.type),
  );
  const [off, on] = [wanting.filter(isOff), wanting.filter((webhook) => !isOff(webhook))];
  await Promise.all(off.map(({ id }) => ports.webhooks.begin(id, event, 'missed')));
  const [first, ...others] = on;
  if (first === undefined) return;
  const requests = on.map((one) => ({ webhook: one.id, event, ...ownedBy(one) }));
  if (others.length === 0) return deliver(requests[0] as DeliveryRequest, ports, first);
  await ports.queue.send(requests, toOwner);
}

const isOff = ({ off }: Webhook): boolean => off !== undefined;

/** @param known the webhook, where it was read just now */
async function deliver(
  request: DeliveryRequest,
  ports: WebhookPorts,
  known?: Webhook,
): Promise<void> {
  const { webhooks, clock, time } = ports;
  const { event } = request;
  const owner = request.owner ?? event.tenant;
  if (time.isUsedUp(owner)) return defer(request, ports);
  const webhook = known ?? (await webhooks.get(owner, request.webhook));
  // Deleted meanwhile: no endpoint wants it any more.
  if (webhook === undefined) return;
  const isTest = event.type === TEST_EVENT;
  const isSent = isTest || !isOff(webhook);
  const begun = await webhooks.begin(webhook.id, event, isSent ? 'pending' : 'missed');
  const record = request.replay === undefined ? begun : replayed(begun, request.replay);
  if (record.state !== 'pending') return;
  if (!isSent) return miss(record, ports);
  if (delayUntil(record.nextAt, clock.now()) > 0) return again(request, record.nextAt, ports);
  if (isTest) return attemptOnce(request, record, webhook, ports);
  const closed = closedUntil(webhook, clock.now());
  if (closed !== undefined) return wait(request, record, closed, ports);
  const turn = await takeTurn(webhook, ports);
  if (turn === undefined) return wait(request, record, later(clock.now(), MISSED_TURN_MS), ports);
  return attemptOnce(request, record, turn, ports);
}

/** Another message took the turn; the pauses between turns are at least as long. */
const MISSED_TURN_MS = 30_000;

async function attemptOnce(
  request: DeliveryRequest,
  record: DeliveryRecord,
  found: Webhook,
  ports: WebhookPorts,
): Promise<void> {
  const { webhooks, secrets, time } = ports;
  const { event } = request;
  const webhook = await secrets.sealed(found);
  const wasSlow = record.attempts.at(-1)?.error !== undefined;
  const attempt = await time.spend(webhook.tenant, wasSlow, () => attemptAt(webhook, event, ports));
  if (attempt === undefined) return defer(request, ports);
  const { webhook: _webhook, event: _event, revision, ...delivery } = record;
  const isTest = event.type === TEST_EVENT;
  const after = afterAttempt(delivery, attempt, ports.random(), isTest);
  const next: DeliveryRecord = { webhook: webhook.id, event, revision: revision + 1, ...after };
  // Where the same message was handled twice at once, the first writer goes on with it.
  if (!(await isPut(next, webhooks))) return;
  if (!isTest) await noteOutcome(webhook, attempt, ports);
  const { deferrals: _, ...renewed } = request;
  if (next.state === 'pending') await again(renewed, next.nextAt, ports);
}

/** @returns false where another changed the delivery meanwhile */
async function isPut(
  record: DeliveryRecord,
  webhooks: Pick<WebhookStore, 'put'>,
): Promise<boolean> {
  try {
    await webhooks.put(record);
    return true;
  } catch (error) {
    if (error instanceof Conflict) return false;
    throw error;
  }
}

/** Ends a delivery that is not sent any more; its tenant may have it sent again. */
async function miss(record: DeliveryRecord, { webhooks }: WebhookPorts): Promise<void> {
  const { nextAt: _, ...rest } = record;
  await isPut({ ...rest, state: 'missed', revision: record.revision + 1 }, webhooks);
}

/** Doubles from a second; slow endpoints of one tenant must not keep the queue busy. */
const LONGEST_DEFERRAL_SECONDS = 120;

/** Sends the message again for when its tenant may have time again; that is no attempt. */
const defer = (request: DeliveryRequest, { queue, random }: WebhookPorts): Promise<void> => {
  const { deferrals = 0 } = request;
  const longest = Math.min(LONGEST_DEFERRAL_SECONDS, 2 ** deferrals);
  const delaySeconds = Math.ceil(longest * (1 + random() / 4));
  return queue.send([{ ...request, deferrals: deferrals + 1 }], { delaySeconds, ...toOwner });
};

/** Sends the message again for when a failing endpoint may get a request; gives up after a day. */
async function wait(
  request: DeliveryRequest,
  record: DeliveryRecord,
  until: string,
  ports: WebhookPorts,
): Promise<void> {
  const now = ports.clock.now();
  const { waitsSince = now.toISOString() } = request;
  if (now.getTime() - Date.parse(waitsSince) >= LONGEST_WAIT_MS) return miss(record, ports);
  return again({ ...request, waitsSince }, until, ports);
}

/** Sends the message again, as far ahead as a queue can, since waiting must not use up receives. */
const again = (
  request: DeliveryRequest,
  nextAt: string | undefined,
  { queue, clock }: WebhookPorts,
): Promise<void> =>
  queue.send([request], { delaySeconds: delayUntil(nextAt, clock.now()), ...toOwner });

/**
 * The body is `{type, timestamp, data}`, as the Standard Webhooks specification advises; for a platform
 * with the tenant that the event is of.
 */
async function attemptAt(
  webhook: Webhook,
  event: ServiceEvent,
  { post, secrets, clock, webhooks }: WebhookPorts,
): Promise<DeliveryAttempt> {
  const now = clock.now();
  const made = isPlatformId(webhook.tenant) ? await webhooks.platformOf(event.tenant) : undefined;
  const body = JSON.stringify({
    type: event.type,
    timestamp: event.at,
    ...(made === undefined ? {} : { tenant: { id: event.tenant, externalId: made.externalId } }),
    data: event.data,
  });
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'sender-domains-webhooks/1',
    ...signWebhook(await secrets.signing(webhook, now), { id: event.id, at: now, body }),
  };
  return { at: now.toISOString(), ...(await post(new URL(webhook.url), headers, body)) };
}
