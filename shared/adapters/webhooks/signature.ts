import { createHmac } from 'node:crypto';

const PREFIX = 'whsec_';
/** Between the 24 and 64 that the Standard Webhooks specification asks for. */
export const SECRET_BYTES = 32;

/** A signing secret as it is shown to the tenant, once. */
export const secretOf = (bytes: Uint8Array): string =>
  `${PREFIX}${Buffer.from(bytes).toString('base64')}`;

/** The header fields of one attempt, by the Standard Webhooks specification 1.0.0. */
export interface WebhookHeaders {
  /** The same in every attempt, so that a receiver recognizes repetitions. */
  readonly 'webhook-id': string;
  /** When this attempt is made, in seconds since 1970. */
  readonly 'webhook-timestamp': string;
  /** For each secret `v1,` and the base64 of an HMAC-SHA256 over id, timestamp and body. */
  readonly 'webhook-signature': string;
}

/**
 * Signs a webhook.
 *
 * @param secrets as `secretOf` writes them; while one takes the place of another there are several
 * @param body exactly the octets that are sent
 */
export function signWebhook(
  secrets: readonly string[],
  { id, at, body }: { readonly id: string; readonly at: Date; readonly body: string },
): WebhookHeaders {
  const timestamp = String(Math.floor(at.getTime() / 1000));
  const signatureBy = (secret: string): string => {
    const key = Buffer.from(secret.slice(PREFIX.length), 'base64');
    return `v1,${createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')}`;
  };
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': secrets.map(signatureBy).join(' '),
  };
}
