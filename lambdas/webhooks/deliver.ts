import { Conflict } from '#shared/core/model/errors.ts';
import type { ServiceEvent } from '#shared/core/model/event.ts';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { Queue } from '#shared/app/ports/queues.ts';
import type { DeliveryRecord, Webhook, WebhookStore } from '#shared/app/ports/webhook-store.ts';
import { afterAttempt, delayUntil, type DeliveryAttempt } from '#shared/core/model/delivery.ts';
import type { Post } from '#shared/adapters/webhooks/post.ts';
import { signWebhook } from '#shared/adapters/webhooks/signature.ts';

/** An event for one endpoint. */
export interface DeliveryRequest {
  readonly webhook: string;
  readonly event: ServiceEvent;
}

/** A message of the queue: an event as EventBridge hands it over, or one for an endpoint. */
export type WebhookMessage = { readonly detail: ServiceEvent } | DeliveryRequest;

export interface WebhookPorts {
  readonly webhooks: Pick<WebhookStore, 'of' | 'get' | 'begin' | 'put'>;
  readonly queue: Queue<DeliveryRequest>;
  readonly post: Post;
  readonly clock: Clock;
  readonly random: () => number;
}

/**
 * Handles one message: an event goes on to each endpoint of its tenant that wants it. A message for
 * an endpoint is delivered, or waits until its next attempt is due.
 */
export async function handle(message: WebhookMessage, ports: WebhookPorts): Promise<void> {
  if ('webhook' in message) return deliver(message, ports);
  const event = message.detail;
  const wanting = (await ports.webhooks.of(event.tenant)).filter(({ events }) =>
    events.includes(event.type),
  );
  if (wanting.length > 0) await ports.queue.send(wanting.map(({ id }) => ({ webhook: id, event })));
}

async function deliver(request: DeliveryRequest, ports: WebhookPorts): Promise<void> {
  const { webhooks, clock } = ports;
  const { event } = request;
  const webhook = await webhooks.get(event.tenant, request.webhook);
  // Deleted meanwhile: no endpoint wants it any more.
  if (webhook === undefined) return;
  const record = await webhooks.begin(webhook.id, event);
  if (record.state !== 'pending') return;
  if (delayUntil(record.nextAt, clock.now()) > 0) return again(request, record.nextAt, ports);
  const attempt = await attemptAt(webhook, event, ports);
  const { webhook: _webhook, event: _event, revision, ...delivery } = record;
  const after = afterAttempt(delivery, attempt, ports.random());
  const next: DeliveryRecord = { webhook: webhook.id, event, revision: revision + 1, ...after };
  try {
    await webhooks.put(next);
  } catch (error) {
    // The same message was handled twice at once; the first writer goes on with it.
    if (error instanceof Conflict) return;
    throw error;
  }
  if (next.state === 'pending') await again(request, next.nextAt, ports);
}

/** Sends the message again, as far ahead as a queue can, since waiting must not use up receives. */
const again = (
  request: DeliveryRequest,
  nextAt: string | undefined,
  { queue, clock }: WebhookPorts,
): Promise<void> => queue.send([request], { delaySeconds: delayUntil(nextAt, clock.now()) });

/** The body is `{type, timestamp, data}`, as the Standard Webhooks specification advises. */
async function attemptAt(
  webhook: Webhook,
  event: ServiceEvent,
  { post, clock }: WebhookPorts,
): Promise<DeliveryAttempt> {
  const now = clock.now();
  const body = JSON.stringify({ type: event.type, timestamp: event.at, data: event.data });
  const headers = {
    'content-type': 'application/json',
    'user-agent': 'sender-domains-webhooks/1',
    ...signWebhook(webhook.secret, { id: event.id, at: now, body }),
  };
  return { at: now.toISOString(), ...(await post(new URL(webhook.url), headers, body)) };
}
