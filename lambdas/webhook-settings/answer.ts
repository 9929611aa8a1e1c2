import {
  answering,
  json,
  readJson,
  readQuery,
  requireScope,
  type ApiEvent,
  type ApiResult,
} from '#shared/api/http.ts';
import { matchRoute, routes, type Operation } from '#shared/api/routes.ts';
import {
  deliveriesQuery,
  webhookRequest,
  type DeliveryPage,
  type WebhookDocument,
} from '#shared/api/webhook-schemas.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import type { TenantId } from '#shared/core/model/names.ts';
import type { DeliveryRecord, Webhook } from '#shared/app/ports/webhook-store.ts';
import { createWebhook, requireWebhook, type SettingsPorts } from './webhooks.ts';

/**
 * Answers a request about webhooks; a failure is an answer too.
 *
 * @param report told of failures that are ours
 */
export const answer = (
  event: ApiEvent,
  ports: SettingsPorts,
  report: (error: unknown) => void,
): Promise<ApiResult> => answering(() => answerMatched(event, ports), report);

async function answerMatched(event: ApiEvent, ports: SettingsPorts): Promise<ApiResult> {
  const match = matchRoute(event.requestContext.http.method, event.rawPath);
  const operation = match.kind === 'found' ? operations[match.operation] : undefined;
  if (match.kind !== 'found' || operation === undefined) {
    throw new Refusal('not-found', 'There is no such route.');
  }
  const tenant = requireScope(event, routes[match.operation].scope);
  return operation({ event, tenant, id: match.params['id'] ?? '' }, ports);
}

interface Call {
  readonly event: ApiEvent;
  readonly tenant: TenantId;
  readonly id: string;
}

/** What each operation decodes, does and encodes; other functions have the others. */
const operations: Partial<
  Record<Operation, (call: Call, ports: SettingsPorts) => Promise<ApiResult>>
> = {
  async createWebhook({ event, tenant }, ports) {
    const webhook = await createWebhook({ tenant, ...readJson(event, webhookRequest) }, ports);
    return json(201, { ...documentOf(webhook), secret: webhook.secret });
  },

  async listWebhooks({ tenant }, { webhooks }) {
    return json(200, { webhooks: (await webhooks.of(tenant)).map(documentOf) });
  },

  async deleteWebhook({ tenant, id }, ports) {
    const webhook = await requireWebhook({ tenant, id }, ports);
    await ports.webhooks.remove(tenant, id);
    return json(200, documentOf(webhook));
  },

  async listDeliveries({ event, tenant, id }, ports) {
    const { cursor, limit } = readQuery(event, deliveriesQuery);
    await requireWebhook({ tenant, id }, ports);
    const page = await ports.webhooks.deliveries(id, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    const deliveries = page.deliveries.map(deliveryOf);
    return json(200, { deliveries, cursor: page.cursor ?? null } satisfies DeliveryPage);
  },
};

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
