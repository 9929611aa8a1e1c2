import {
  type MessageTag,
  SendEmailCommand,
  SESv2Client,
  type SESv2ClientConfig,
} from '@aws-sdk/client-sesv2';
import { sesExit } from '#shared/core/mail/exit.ts';
import type { AttemptOutcome } from '#shared/core/model/recipient-batch.ts';
import type { Envelope, Mailer } from '#shared/app/ports/mail.ts';
import { isThrottlingName } from './outage.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The longest time of one attempt, which only the largest mails have. */
export const LONGEST_SEND_SECONDS = 50;
const SEND_SECONDS = 25;
/** SES takes larger mails at a lower bandwidth. */
const LARGE_OCTETS = 10_000_000;

/**
 * The client that sends. SDK retries are off: SES has no idempotency token, so that a retry inside
 * the SDK could send twice without anyone knowing.
 */
export function mailerClient(config: SESv2ClientConfig = {}): SESv2Client {
  return new SESv2Client({
    maxAttempts: 1,
    requestHandler: requestTimeouts({
      connectionMs: 3_000,
      requestMs: SEND_SECONDS * 1_000,
    }),
    ...config,
  });
}

/** SES returns the tags with each event; `chunk` is the tag of mail that earlier versions sent too. */
export const messageTags = ({ recipientBatch, ...tags }: Envelope['tags']): MessageTag[] =>
  Object.entries({ ...tags, chunk: recipientBatch }).map(([Name, value]) => ({
    Name,
    Value: String(value),
  }));

/** SES v2 `SendEmail` with raw content; the configuration set carries the events back. */
export function sesMailer(client: SESv2Client, configurationSet: string): Mailer {
  return {
    exit: sesExit,
    async send(raw, { source, recipients, tags }) {
      try {
        const { MessageId: exitId } = await client.send(
          new SendEmailCommand({
            Content: { Raw: { Data: raw } },
            FromEmailAddress: source,
            Destination: { ToAddresses: [...recipients] },
            ConfigurationSetName: configurationSet,
            EmailTags: messageTags(tags),
          }),
          raw.length > LARGE_OCTETS ? { requestTimeout: LONGEST_SEND_SECONDS * 1_000 } : {},
        );
        if (exitId === undefined) return { kind: 'unclear', reason: 'SES answered without an id' };
        return { kind: 'sent', exitId };
      } catch (error) {
        return outcomeOf(error);
      }
    },
  };
}

const RATE_WAIT_SECONDS = 1;
/** Nothing changes sooner: a daily quota, or something that a person has to repair. */
const LONG_WAIT_SECONDS = 900;

/** The connection was never made, so that SES cannot have the mail. */
const neverConnected = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
]);

/**
 * Sending is stopped for all, by AWS, by the operator or by a fault of the deployment, or a quota is
 * full: mail waits. `NotFoundException` is about the configuration set, the only name of a call.
 */
const stopped = new Set([
  'AccountSuspendedException',
  'LimitExceededException',
  'NotFoundException',
  'RequestExpired',
  'SendingPausedException',
]);

const isNotVerified = ({ name, message }: Error) =>
  name === 'MailFromDomainNotVerifiedException' || /address is not verified/i.test(message);
const NOT_READY =
  ' Send again once `sending` is "ready" in GET /v1/domains/{name}; its records tell what is missing.';

/**
 * Classifies a failed `SendEmail` call of SES v2.
 *
 * - Throttles, quotas, pauses, missing permissions (401, 403), and connections that were never
 *   made: nothing was done, and the mail is not to blame; it waits.
 * - Any other 4xx: SES will never take this mail.
 * - A 5xx, a timeout or a reset, or what we cannot read: SES may have the mail.
 *
 * @param error what the SDK threw
 */
export function outcomeOf(error: unknown): AttemptOutcome {
  if (!(error instanceof Error)) return { kind: 'unclear', reason: String(error) };
  const { $metadata, code } = error as {
    $metadata?: { httpStatusCode?: number };
    code?: unknown;
  };
  const reason = `${sesExit.name}: ${error.name}: ${error.message}`;
  const wait = (waitSeconds: number): AttemptOutcome => ({
    kind: 'throttled',
    reason,
    waitSeconds,
  });
  if (neverConnected.has(String(code))) return wait(RATE_WAIT_SECONDS);
  if (error.name === 'CredentialsProviderError') return wait(LONG_WAIT_SECONDS);
  if (stopped.has(error.name)) return wait(LONG_WAIT_SECONDS);
  const status = $metadata?.httpStatusCode ?? 0;
  if (isThrottlingName(error.name) || status === 429) {
    return wait(/daily message quota/i.test(error.message) ? LONG_WAIT_SECONDS : RATE_WAIT_SECONDS);
  }
  if (status === 401 || status === 403) return wait(LONG_WAIT_SECONDS);
  if (status >= 400 && status < 500 && status !== 408) {
    return {
      kind: 'refused',
      reason: isNotVerified(error) ? reason + NOT_READY : reason,
    };
  }
  return { kind: 'unclear', reason };
}
