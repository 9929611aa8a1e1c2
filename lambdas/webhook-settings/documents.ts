import type { DeliveryDocument, WebhookDocument } from '#shared/api/routes/webhooks.ts';
import type { DeliveryRecord, Webhook } from '#shared/app/ports/webhook-store.ts';
import { TEST_EVENT } from '#shared/core/model/events/webhooks.ts';
import { isSlowed } from '#shared/core/model/endpoint-health.ts';

/** A webhook as its tenant sees it, without its secrets. */
export function webhookDocument(
  { id, url, events, createdAt, failing, off, previousSecrets = [] }: Webhook,
  now: Date,
): WebhookDocument {
  return {
    id,
    url,
    events: events.filter((type) => type !== TEST_EVENT),
    createdAt,
    state: stateOf({ failing, off }),
    failing:
      failing === undefined
        ? null
        : {
            since: failing.since,
            attempts: failing.count,
            reason: failing.reason,
            nextAt: failing.nextAt ?? null,
          },
    off: off === undefined ? null : { at: off.at, by: off.by, reason: off.reason ?? null },
    previousSecretsUntil: previousSecrets
      .map(({ until }) => until)
      .filter((until) => Date.parse(until) > now.getTime()),
  };
}

function stateOf({ failing, off }: Pick<Webhook, 'failing' | 'off'>): WebhookDocument['state'] {
  if (off !== undefined) return 'off';
  return isSlowed(failing) ? 'slowed' : 'on';
}

/** A delivery as the log of its webhook shows it. */
export const deliveryDocument = ({
  event,
  state,
  nextAt,
  attempts,
}: DeliveryRecord): DeliveryDocument => ({
  id: event.id,
  type: event.type,
  at: event.at,
  state,
  nextAt: nextAt ?? null,
  attempts: attempts.map(({ at, status, error }) => ({
    at,
    status: status ?? null,
    error: error ?? null,
  })),
  data: { ...event.data },
});
