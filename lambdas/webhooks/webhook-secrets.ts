import type { SecretBox } from '#shared/app/ports/secret-box.ts';
import type { KeptSecret, Webhook, WebhookStore } from '#shared/app/ports/webhook-store.ts';
import { hasPlainSecret, openSecret, sealedSecrets } from '#shared/app/webhook-secrets.ts';
import { Conflict } from '#shared/core/model/errors.ts';
import { signingSecrets } from '#shared/core/model/webhook-secret.ts';

export interface WebhookSecretsPorts {
  readonly webhooks: Pick<WebhookStore, 'change'>;
  readonly box: SecretBox;
  /** Receives failures to seal, which hold up no delivery. */
  readonly log: (error: unknown) => void;
}

/** Opened secrets that an instance remembers; the oldest go first. */
const MOST_REMEMBERED = 1_000;

/** The secrets of webhooks, opened once by each instance. */
export class WebhookSecrets {
  readonly #ports: WebhookSecretsPorts;
  readonly #opened = new Map<string, string>();

  constructor(ports: WebhookSecretsPorts) {
    this.#ports = ports;
  }

  /**
   * Seals what an earlier release stored in plain.
   *
   * @returns the webhook as it is stored now
   */
  async sealed(webhook: Webhook): Promise<Webhook> {
    if (!hasPlainSecret(webhook)) return webhook;
    const { webhooks, box, log } = this.#ports;
    try {
      return await webhooks.change(webhook, await sealedSecrets(webhook, box));
    } catch (error) {
      // Another instance changed it at the same time; the next delivery sees that.
      if (!(error instanceof Conflict)) log(error);
      return webhook;
    }
  }

  /** The secrets that sign now, the newest first. @throws Throttled */
  async signing(webhook: Webhook, now: Date): Promise<readonly string[]> {
    return Promise.all(signingSecrets(webhook, now).map((kept) => this.#open(kept, webhook)));
  }

  async #open(kept: KeptSecret, webhook: Webhook): Promise<string> {
    if (typeof kept === 'string') return kept;
    const key = `${webhook.id} ${Buffer.from(kept).toString('base64')}`;
    const known = this.#opened.get(key);
    if (known !== undefined) return known;
    const secret = await openSecret(kept, webhook, this.#ports.box);
    const [oldest] = this.#opened.keys();
    if (this.#opened.size >= MOST_REMEMBERED && oldest !== undefined) this.#opened.delete(oldest);
    this.#opened.set(key, secret);
    return secret;
  }
}
