import type { EventType } from '#shared/core/model/events/kinds.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { encodeRandom128, type DomainName, type TenantId } from '#shared/core/model/names.ts';
import type { Clock, Random } from '#shared/app/ports/clock.ts';
import type { Webhook, WebhookStore } from '#shared/app/ports/webhook-store.ts';
import { parseEndpoint } from '#shared/adapters/webhooks/endpoint.ts';
import { SECRET_BYTES, secretOf } from '#shared/adapters/webhooks/signature.ts';

export interface SettingsPorts {
  readonly webhooks: WebhookStore;
  readonly zone: DomainName;
  readonly clock: Clock;
  readonly random: Random;
}

/** Webhooks of a tenant, at most. */
export const MOST_WEBHOOKS = 10;

/**
 * Makes a webhook, with a secret of its own.
 *
 * @throws Refusal `webhook-invalid`, `too-many-webhooks`
 */
export async function createWebhook(
  { tenant, url, events }: { tenant: TenantId; url: string; events: readonly EventType[] },
  { webhooks, zone, clock, random }: SettingsPorts,
): Promise<Webhook> {
  const endpoint = parseEndpoint(url, zone);
  if ((await webhooks.of(tenant)).length >= MOST_WEBHOOKS) {
    throw new Refusal(
      'too-many-webhooks',
      `You have ${MOST_WEBHOOKS} webhooks, which is as many as can be; delete those that are not used.`,
    );
  }
  const webhook: Webhook = {
    id: `wh_${encodeRandom128(random.bytes(16))}`,
    tenant,
    url: endpoint.href,
    events,
    secret: secretOf(random.bytes(SECRET_BYTES)),
    createdAt: clock.now().toISOString(),
  };
  await webhooks.add(webhook);
  return webhook;
}

/** @throws Refusal `not-found` */
export async function requireWebhook(
  { tenant, id }: { tenant: TenantId; id: string },
  { webhooks }: Pick<SettingsPorts, 'webhooks'>,
): Promise<Webhook> {
  const webhook = await webhooks.get(tenant, id);
  if (webhook === undefined) throw new Refusal('not-found', 'You have no such webhook.');
  return webhook;
}
