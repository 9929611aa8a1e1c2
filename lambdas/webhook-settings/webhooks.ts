import { digest128 } from '#shared/core/digest.ts';
import { retry, retryLimits } from '#shared/async/retry.ts';
import type { EventType } from '#shared/core/model/events/kinds.ts';
import { Refusal } from '#shared/core/model/errors.ts';
import { encodeRandom128 } from '#shared/core/model/names.ts';
import { rotated } from '#shared/core/model/webhook-secret.ts';
import { HOUR_MS } from '#shared/core/time.ts';
import { ANSWER_HOURS } from '#shared/app/ports/answer-store.ts';
import type { Webhook, WebhookChange, WebhookOwner } from '#shared/app/ports/webhook-store.ts';
import { sealedSecrets, sealSecret } from '#shared/app/webhook-secrets.ts';
import { parseEndpoint } from '#shared/adapters/webhooks/endpoint.ts';
import { SECRET_BYTES, secretOf } from '#shared/adapters/webhooks/signature.ts';
import type { SettingsPorts } from './ports.ts';

/** Webhooks of a tenant, at most. */
export const MOST_WEBHOOKS = 10;

/** A webhook with the secret that its tenant is shown once. */
export interface WithSecret {
  readonly webhook: Webhook;
  readonly secret: string;
}

export interface WantedWebhook {
  readonly tenant: WebhookOwner;
  readonly url: string;
  readonly events: readonly EventType[];
  readonly idempotencyKey: string | undefined;
}

/**
 * Makes a webhook, with a secret of its own.
 *
 * @throws Refusal `webhook-invalid`, `too-many-webhooks`
 */
export async function createWebhook(
  wanted: WantedWebhook,
  ports: SettingsPorts,
): Promise<WithSecret> {
  const { webhooks, box, zone, clock, random } = ports;
  const { tenant, events } = wanted;
  const url = parseEndpoint(wanted.url, zone).href;
  const id = await newId({ ...wanted, url }, ports);
  const secret = secretOf(random.bytes(SECRET_BYTES));
  const webhook: Webhook = {
    id,
    tenant,
    url,
    events,
    secret: await sealSecret(secret, { tenant, id }, box),
    createdAt: clock.now().toISOString(),
  };
  if (await webhooks.add(webhook, MOST_WEBHOOKS)) return { webhook, secret };
  throw new Refusal(
    'too-many-webhooks',
    `You have ${MOST_WEBHOOKS} webhooks, which is as many as can be; delete those that are not used.`,
  );
}

/** A request that ended before it was answered makes the same webhook when it is sent again. */
async function newId(
  { tenant, url, events, idempotencyKey }: WantedWebhook,
  { webhooks, clock, random }: SettingsPorts,
): Promise<string> {
  const fresh = () => `wh_${encodeRandom128(random.bytes(16))}`;
  if (idempotencyKey === undefined) return fresh();
  const id = `wh_${encodeRandom128(digest128(tenant, idempotencyKey))}`;
  const made = await webhooks.get(tenant, id);
  if (made === undefined) return id;
  const isSame =
    made.url === url &&
    JSON.stringify(made.events) === JSON.stringify(events) &&
    clock.now().getTime() - Date.parse(made.createdAt) < ANSWER_HOURS * HOUR_MS;
  return isSame ? id : fresh();
}

interface Named {
  readonly tenant: WebhookOwner;
  readonly id: string;
}

/** @throws Refusal `not-found` */
export async function requireWebhook(
  { tenant, id }: Named,
  { webhooks }: Pick<SettingsPorts, 'webhooks'>,
): Promise<Webhook> {
  const webhook = await webhooks.get(tenant, id);
  if (webhook === undefined) throw new Refusal('not-found', 'You have no such webhook.');
  return webhook;
}

/**
 * Changes a webhook as it is now, and seals what an earlier release stored in plain.
 *
 * @throws Refusal `not-found`
 * @throws Conflict where others change it each time
 */
function changed(
  named: Named,
  ports: SettingsPorts,
  decide: (webhook: Webhook) => WebhookChange,
): Promise<Webhook> {
  return retry(retryLimits.conflict, async () => {
    const webhook = await requireWebhook(named, ports);
    const sealed = { ...webhook, ...(await sealedSecrets(webhook, ports.box)) };
    return ports.webhooks.change(sealed, decide(sealed));
  });
}

export interface Wish {
  readonly url?: string | undefined;
  readonly events?: readonly EventType[] | undefined;
  /** True switches it on, and forgets what it failed. */
  readonly active?: boolean | undefined;
}

/**
 * Changes address and events of a webhook, and switches it off and on.
 *
 * @throws Refusal `not-found`, `webhook-invalid`
 */
export function changeWebhook(named: Named, wish: Wish, ports: SettingsPorts): Promise<Webhook> {
  const url = wish.url === undefined ? undefined : parseEndpoint(wish.url, ports.zone).href;
  const at = ports.clock.now().toISOString();
  return changed(named, ports, ({ off }) => ({
    ...(url === undefined ? {} : { url, failing: undefined }),
    ...(wish.events === undefined ? {} : { events: wish.events }),
    ...(wish.active === true ? { off: undefined, failing: undefined } : {}),
    ...(wish.active === false ? { off: off ?? { at, by: 'tenant' } } : {}),
  }));
}

/**
 * Gives a webhook another secret; those before sign beside it for a while.
 *
 * @throws Refusal `not-found`
 */
export async function rotateSecret(
  named: Named,
  overlapHours: number,
  ports: SettingsPorts,
): Promise<WithSecret> {
  const { box, clock, random } = ports;
  const secret = secretOf(random.bytes(SECRET_BYTES));
  const next = await sealSecret(secret, named, box);
  const webhook = await changed(named, ports, (before) =>
    rotated(before, next, clock.now(), overlapHours * HOUR_MS),
  );
  return { webhook, secret };
}
