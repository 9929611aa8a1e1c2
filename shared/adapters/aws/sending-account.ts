import { GetAccountCommand, SESv2Client, type SESv2ClientConfig } from '@aws-sdk/client-sesv2';
import type { Clock } from '#shared/app/ports/clock.ts';
import type { SendingAccount, SendQuota } from '#shared/app/ports/sending-account.ts';
import { MINUTE_MS } from '#shared/core/time.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client that reads the account. Without retries: the answer is a courtesy, and SES takes one such call a second. */
export function sendingAccountClient(config: SESv2ClientConfig = {}): SESv2Client {
  return new SESv2Client({
    maxAttempts: 1,
    requestHandler: requestTimeouts({ connectionMs: 500, requestMs: 1_000 }),
    ...config,
  });
}

/** An answer is asked for again after this time, and an account in the sandbox sooner. */
const KNOWN_MS = { production: 60 * MINUTE_MS, sandbox: 5 * MINUTE_MS, failed: MINUTE_MS };

/**
 * SES v2 `GetAccount`, remembered. A failure leaves what was known before.
 *
 * @param log receives failures
 */
export function sesSendingAccount(
  client: SESv2Client,
  clock: Clock,
  log: (error: unknown) => void,
): SendingAccount {
  let known: boolean | undefined;
  let askAgainAt = -Infinity;
  let asking: Promise<void> | undefined;
  const ask = async (): Promise<void> => {
    try {
      const { ProductionAccessEnabled } = await client.send(new GetAccountCommand({}));
      known = ProductionAccessEnabled === false;
      askAgainAt = clock.now().getTime() + KNOWN_MS[known ? 'sandbox' : 'production'];
    } catch (error) {
      log(error);
      askAgainAt = clock.now().getTime() + KNOWN_MS.failed;
    }
  };
  return {
    async isSandboxed() {
      if (clock.now().getTime() >= askAgainAt) {
        asking ??= ask().finally(() => (asking = undefined));
        await asking;
      }
      return known;
    },
  };
}

/** SES v2 `GetAccount`: the account's quotas. @throws what the SDK throws */
export const sesSendQuota = (client: SESv2Client) => async (): Promise<SendQuota> => {
  const { SendQuota: quota } = await client.send(new GetAccountCommand({}));
  return {
    perSecond: quota?.MaxSendRate ?? 0,
    perDay: quota?.Max24HourSend ?? 0,
    sentLastDay: quota?.SentLast24Hours ?? 0,
  };
};

/**
 * SES v2 `GetAccount`: recipients a second that the account may send to. A failed call is not made
 * again.
 *
 * @throws what the SDK throws; Error where SES answers without a rate
 */
export const sesSendRate = (client: SESv2Client) => async (): Promise<number> => {
  const { SendQuota: quota } = await client.send(new GetAccountCommand({}));
  const rate = quota?.MaxSendRate ?? 0;
  if (rate > 0) return rate;
  throw new Error(`SES answered GetAccount with a send rate of ${quota?.MaxSendRate}`);
};
