import * as z from 'zod/mini';
import type { RecipientEvent } from '#shared/core/model/recipient-batch.ts';
import type { SuppressionReason } from '#shared/core/model/suppression.ts';
import {
  isMessageId,
  type DomainName,
  type MessageId,
  type TenantId,
} from '#shared/core/model/names.ts';

/** One SES event with the recipient batch of a message that its tags name. */
export interface SesEvent {
  readonly tenant: TenantId;
  readonly id: MessageId;
  readonly recipientBatch: number;
  /** The domain that the mail is from; absent where SES does not say. */
  readonly domain: DomainName | undefined;
  readonly event: RecipientEvent & {
    /** Why its addresses come onto the suppression list; absent where they do not. */
    readonly suppresses?: Exclude<SuppressionReason, 'manual'>;
  };
}

/** The reason why an event is of no message of ours; it is not an error. */
export interface Foreign {
  readonly foreign: string;
}

const recipient = z.object({
  emailAddress: z.string(),
  status: z.optional(z.string()),
  diagnosticCode: z.optional(z.string()),
});

const notice = z.object({
  eventType: z.string(),
  mail: z.object({
    messageId: z.string(),
    source: z.optional(z.string()),
    timestamp: z.string(),
    destination: z.array(z.string()),
    tags: z.optional(z.record(z.string(), z.array(z.string()))),
  }),
  delivery: z.optional(
    z.object({
      timestamp: z.string(),
      recipients: z.array(z.string()),
      smtpResponse: z.optional(z.string()),
    }),
  ),
  bounce: z.optional(
    z.object({
      timestamp: z.string(),
      bounceType: z.string(),
      bounceSubType: z.optional(z.string()),
      bouncedRecipients: z.array(recipient),
    }),
  ),
  complaint: z.optional(
    z.object({
      timestamp: z.string(),
      complainedRecipients: z.array(recipient),
      complaintFeedbackType: z.optional(z.nullable(z.string())),
    }),
  ),
  reject: z.optional(z.object({ reason: z.optional(z.string()) })),
  deliveryDelay: z.optional(
    z.object({
      timestamp: z.string(),
      delayType: z.optional(z.string()),
      delayedRecipients: z.array(recipient),
    }),
  ),
});

type Notice = z.infer<typeof notice>;
type Recipients = readonly z.infer<typeof recipient>[];

/**
 * Reads one event as SES publishes it (SNS raw delivery): Send, Delivery, Bounce, Complaint, Reject
 * or DeliveryDelay.
 *
 * @returns one item for each group of recipients with the same result, or why it is not of ours
 * @throws Error where it is not an SES event
 */
export function decodeSesEvent(body: string): readonly SesEvent[] | Foreign {
  const parsed = notice.safeParse(JSON.parse(body));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const where = issue?.path.join('.') ?? '';
    throw new Error(`not an SES event: ${where}: ${issue?.message ?? 'unreadable'}`);
  }
  const { data } = parsed;
  const target = targetOf(data);
  if (target === undefined) return { foreign: 'its tags name no message of ours' };
  const outcomes = recipientEvents(data);
  if (outcomes === undefined)
    return { foreign: `events of type ${data.eventType} are not asked for` };
  return outcomes.map((outcome) => ({
    tenant: target.tenant,
    id: target.id,
    recipientBatch: target.recipientBatch,
    domain: domainOf(data.mail.source),
    event: { ...outcome, attempt: target.attempt, exitId: data.mail.messageId },
  }));
}

/** The envelope's sender is under the author domain: `bounces@example.com`. */
function domainOf(source = ''): DomainName | undefined {
  const domain = source.slice(source.lastIndexOf('@') + 1).toLowerCase();
  return domain === '' ? undefined : (domain as DomainName);
}

function targetOf({ mail: { tags = {} } }: Notice) {
  const [tenant, id, recipientBatch, attempt] = ['tenant', 'message', 'chunk', 'attempt'].map(
    (name) => tags[name]?.[0] ?? '',
  ) as [string, string, string, string];
  if (!/^t_[a-z2-7]{26}$/.test(tenant) || !isMessageId(id)) return undefined;
  if (!/^\d{1,4}$/.test(recipientBatch) || !/^\d{1,9}$/.test(attempt)) return undefined;
  return {
    tenant: tenant as TenantId,
    id,
    recipientBatch: Number(recipientBatch),
    attempt: Number(attempt),
  };
}

type RecipientOutcome = Omit<SesEvent['event'], 'attempt' | 'exitId'>;

/**
 * Returns an event's content, by its type; undefined for a type that says nothing of recipients.
 */
function recipientEvents(data: Notice): RecipientOutcome[] | undefined {
  const { mail } = data;
  const all = { addresses: mail.destination, at: mail.timestamp };
  switch (data.eventType) {
    case 'Send':
      return [{ state: 'sent', ...all }];
    case 'Reject':
      return [{ state: 'rejected', ...all, ...detailOf(part(data, 'reject').reason) }];
    case 'Delivery': {
      const { recipients, timestamp, smtpResponse } = part(data, 'delivery');
      return [
        { state: 'delivered', addresses: recipients, at: timestamp, ...detailOf(smtpResponse) },
      ];
    }
    case 'Bounce': {
      const { bounceType, bounceSubType, bouncedRecipients, timestamp } = part(data, 'bounce');
      const state = bounceType === 'Transient' ? 'soft-bounced' : 'bounced';
      const kind = [bounceType, bounceSubType].filter(Boolean).join('/');
      // `Undetermined` may be a passing fault.
      const suppresses = bounceType === 'Permanent' ? ('bounce' as const) : undefined;
      return each({ state, at: timestamp, kind, suppresses }, bouncedRecipients);
    }
    case 'Complaint': {
      const { complaintFeedbackType, complainedRecipients, timestamp } = part(data, 'complaint');
      const kind = complaintFeedbackType ?? '';
      // RFC 6430: the reader took the mail out of the spam folder.
      if (kind === 'not-spam') return [];
      return each(
        { state: 'complained', at: timestamp, kind, suppresses: 'complaint' },
        complainedRecipients,
      );
    }
    case 'DeliveryDelay': {
      const { delayType, delayedRecipients, timestamp } = part(data, 'deliveryDelay');
      return each({ state: 'delayed', at: timestamp, kind: delayType ?? '' }, delayedRecipients);
    }
    default:
      return undefined;
  }
}

/** The part of an event that its type promises. */
function part<Name extends 'delivery' | 'bounce' | 'complaint' | 'reject' | 'deliveryDelay'>(
  data: Notice,
  name: Name,
): NonNullable<Notice[Name]> {
  const found = data[name];
  if (found === undefined) {
    throw new Error(`not an SES event: a ${data.eventType} event without "${name}"`);
  }
  return found;
}

/** Each recipient has words of its own. */
function each(
  {
    kind,
    suppresses,
    ...outcome
  }: Pick<RecipientOutcome, 'state' | 'at'> & {
    readonly kind: string;
    readonly suppresses?: RecipientOutcome['suppresses'] | undefined;
  },
  recipients: Recipients,
): RecipientOutcome[] {
  return recipients.map(({ emailAddress, status, diagnosticCode }) => ({
    ...outcome,
    addresses: [emailAddress],
    ...(suppresses === undefined ? {} : { suppresses }),
    ...detailOf([kind, diagnosticCode ?? status ?? ''].filter(Boolean).join(': ')),
  }));
}

/** Receivers write what they like, at any length. */
const MAX_DETAIL = 300;

const detailOf = (text: string | undefined) =>
  text === undefined || text === '' ? {} : { detail: text.slice(0, MAX_DETAIL) };
