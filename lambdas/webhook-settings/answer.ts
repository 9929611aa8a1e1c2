import { dispatcher, type UseCases } from '#shared/api/dispatch.ts';
import { idempotencyKeyOf } from '#shared/api/http.ts';
import type { Caller } from '#shared/api/caller.ts';
import { notices } from '#shared/api/routes/notices.ts';
import { webhooks } from '#shared/api/routes/webhooks.ts';
import { noticeKinds } from '#shared/core/model/notice.ts';
import type { WebhookOwner } from '#shared/app/ports/webhook-store.ts';
import type { PlatformId } from '#shared/core/model/names.ts';
import { deliveryDocument, webhookDocument } from './documents.ts';
import { requireReads } from './require-reads.ts';
import { changeNotices, readNotices } from './notices.ts';
import type { SettingsPorts } from './ports.ts';
import { replay, sendTest } from './replay.ts';
import {
  changeWebhook,
  createWebhook,
  requireWebhook,
  rotateSecret,
  type WithSecret,
} from './webhooks.ts';

const useCases = {
  async createWebhook({ event, body, ...call }, ports) {
    requireReads(event, body.events);
    const tenant = ownerOf(call);
    const idempotencyKey = idempotencyKeyOf(event);
    return withSecret(await createWebhook({ tenant, idempotencyKey, ...body }, ports), ports);
  },

  async listWebhooks(call, { webhooks, clock }) {
    const all = await webhooks.of(ownerOf(call));
    return { webhooks: all.map((webhook) => webhookDocument(webhook, clock.now())) };
  },

  async changeWebhook({ event, params: { id }, body, ...call }, ports) {
    const tenant = ownerOf(call);
    const { events } = await requireWebhook({ tenant, id }, ports);
    requireReads(event, [...events, ...(body.events ?? [])]);
    return webhookDocument(await changeWebhook({ tenant, id }, body, ports), ports.clock.now());
  },

  async testWebhook({ params: { id }, ...call }, ports) {
    const webhook = await requireWebhook({ tenant: ownerOf(call), id }, ports);
    return deliveryDocument(await sendTest(webhook, ports));
  },

  async replayDeliveries({ event, params: { id }, body, ...call }, ports) {
    const webhook = await requireWebhook({ tenant: ownerOf(call), id }, ports);
    requireReads(event, webhook.events);
    return replay(webhook, body, ports);
  },

  async rotateWebhookSecret({ event, params: { id }, body: { overlapHours }, ...call }, ports) {
    const tenant = ownerOf(call);
    requireReads(event, (await requireWebhook({ tenant, id }, ports)).events);
    return withSecret(await rotateSecret({ tenant, id }, overlapHours, ports), ports);
  },

  async deleteWebhook({ params: { id }, ...call }, ports) {
    const tenant = ownerOf(call);
    const webhook = await requireWebhook({ tenant, id }, ports);
    await ports.webhooks.remove(tenant, id);
    return webhookDocument(webhook, ports.clock.now());
  },

  async listDeliveries({ event, params: { id }, query: { cursor, limit }, ...call }, ports) {
    const { events } = await requireWebhook({ tenant: ownerOf(call), id }, ports);
    requireReads(event, events);
    const page = await ports.webhooks.deliveries(id, {
      limit,
      ...(cursor === undefined ? {} : { cursor }),
    });
    return { deliveries: page.deliveries.map(deliveryDocument), cursor: page.cursor ?? null };
  },

  readNotices: ({ tenant }, ports) => readNotices(tenant, ports),

  async changeNotices({ event, tenant, body }, ports) {
    const kinds = new Set(body.recipients.flatMap((one) => one.kinds));
    requireReads(
      event,
      [...kinds].flatMap((kind) => noticeKinds[kind]),
      'A recipient of notices',
    );
    return changeNotices(tenant, body, ports);
  },
} satisfies UseCases<'webhook-settings', SettingsPorts>;

/** Answers a request about webhooks or notices. */
export const answer = dispatcher<'webhook-settings', SettingsPorts>(
  { ...webhooks, ...notices },
  useCases,
);

/** A platform that names no tenant means its own webhooks, for the events of all its tenants. */
const ownerOf = ({ tenant, platform }: Partial<Caller>): WebhookOwner =>
  tenant ?? (platform as PlatformId);

const withSecret = ({ webhook, secret }: WithSecret, { clock }: SettingsPorts) => ({
  ...webhookDocument(webhook, clock.now()),
  secret,
});
