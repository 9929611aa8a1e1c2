import * as z from 'zod/mini';

/** A mail that SES took in and stored. */
export interface ReceivedMail {
  /** Its key in the bucket. */
  readonly key: string;
  /** Envelope recipients that the receipt rule is about. */
  readonly recipients: readonly string[];
  /** MAIL FROM, empty for a bounce. */
  readonly source: string;
  /** True if SPF passed for it, as SES saw it at submission. */
  readonly spfPassed: boolean;
}

const notification = z.object({
  notificationType: z.literal('Received'),
  mail: z.object({ source: z.string() }),
  receipt: z.object({
    recipients: z.array(z.string()),
    spfVerdict: z.object({ status: z.string() }),
    action: z.object({ type: z.literal('S3'), objectKey: z.string() }),
  }),
});

/**
 * Reads what SES says of a mail after it stored it (SNS raw delivery).
 *
 * @throws Error where it is no such notification
 */
export function decodeNotification(body: string): ReceivedMail {
  const parsed = notification.safeParse(JSON.parse(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new Error(`not a notification of a received mail: ${where}: ${issue?.message ?? ''}`);
  }
  const { mail, receipt } = parsed.data;
  return {
    key: receipt.action.objectKey,
    recipients: receipt.recipients,
    source: mail.source,
    spfPassed: receipt.spfVerdict.status === 'PASS',
  };
}
