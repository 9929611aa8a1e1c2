import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { webhooks, type WebhookDocument } from '#shared/api/routes/webhooks.ts';
import type { DeliveryRecord, Webhook } from '#shared/app/ports/webhook-store.ts';
import { createWebhook, requireWebhook, type SettingsPorts } from './webhooks.ts';

const useCases = {
  async createWebhook({ tenant, body }, ports) {
    const webhook = await createWebhook({ tenant, ...body }, ports);
    return { ...documentOf(webhook), secret: webhook.secret };
  },

  async listWebhooks({ tenant }, { webhooks }) {
    return { webhooks: (await webhooks.of(tenant)).map(documentOf) };
  },

  async deleteWebhook({ tenant, params: { id } }, ports) {
    const webhook = await requireWebhook({ tenant, id }, ports);
    await ports.webhooks.remove(tenant, id);
    return documentOf(webhook);
  },

  async listDeliveries({ tenant, params: { id }, query: { cursor, limit } }, ports) {
    await requireWebhook({ tenant, id }, ports);
    const page = await ports.webhooks.deliveries(id, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { deliveries: page.deliveries.map(deliveryOf), cursor: page.cursor ?? null };
  },
} satisfies UseCases<'webhook-settings', SettingsPorts>;

/** Answers a request about webhooks. */
export const answer = dispatcher<'webhook-settings', SettingsPorts>(webhooks, useCases);

const documentOf = ({ id, url, events, createdAt }: Webhook): WebhookDocument => ({
  id,
  url,
  events: [...events],
  createdAt,
});

const deliveryOf = ({ event, state, nextAt, attempts }: DeliveryRecord) => ({
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
