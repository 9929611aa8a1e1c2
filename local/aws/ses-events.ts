import { addressesIn } from './ses-address.ts';
import { fieldValues } from './ses-message.ts';
import type { RawMessage } from './ses-message.ts';

/** An accepted message, as events describe it. */
export interface SentMessage {
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly source: string;
  readonly sourceArn: string;
  readonly accountId: string;
  readonly destinations: readonly string[];
  readonly configurationSet: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  readonly message: RawMessage;
}

/** An event as SES publishes it for a configuration set; its JSON is the notification. */
export interface SesEvent {
  readonly eventType: 'Send' | 'Delivery' | 'Bounce' | 'Complaint' | 'Reject';
  readonly mail: Readonly<Record<string, unknown>>;
  readonly [details: string]: unknown;
}

export interface PlannedEvent {
  /** Milliseconds after the message was accepted. */
  readonly after: number;
  readonly event: SesEvent;
}

const DELIVERY_AFTER_MS = 100;
const COMPLAINT_AFTER_MS = 200;

const iso = (at: number): string => new Date(at).toISOString();

function mailObject(
  sent: SentMessage,
  more: Readonly<Record<string, string>> = {},
): SesEvent['mail'] {
  const { message } = sent;
  const domain = sent.source.slice(sent.source.lastIndexOf('@') + 1).replace(/>.*$/, '');
  const tags = {
    'ses:operation': 'SendRawEmail',
    'ses:configuration-set': sent.configurationSet ?? '',
    'ses:source-ip': '127.0.0.1',
    'ses:from-domain': domain,
    ...more,
    ...sent.tags,
  };
  const [subject] = fieldValues(message, 'subject');
  const [date] = fieldValues(message, 'date');
  return {
    timestamp: iso(sent.at),
    source: sent.source,
    sourceArn: sent.sourceArn,
    sendingAccountId: sent.accountId,
    messageId: sent.messageId,
    destination: sent.destinations,
    headersTruncated: false,
    headers: message.fields.map(({ name, value }) => ({ name, value })),
    commonHeaders: {
      from: fieldValues(message, 'from'),
      ...(date !== undefined && { date }),
      to: fieldValues(message, 'to').flatMap(addressesIn),
      messageId: sent.messageId,
      ...(subject !== undefined && { subject }),
    },
    tags: Object.fromEntries(Object.entries(tags).map(([name, value]) => [name, [value]])),
  };
}

type Fate = 'deliver' | 'bounce' | 'complain' | 'suppress';

/**
 * The effects of SES's mailbox simulator, by local part; a `+label` makes no difference. All other
 * addresses take the mail, but for those under `invalid`, where there is never a server (RFC 2606 §2).
 */
const SIMULATOR: Readonly<Record<string, Fate>> = {
  success: 'deliver',
  ooto: 'deliver',
  bounce: 'bounce',
  complaint: 'complain',
  suppressionlist: 'suppress',
};

function fateOf(address: string): Fate {
  if (domainOf(address).endsWith('.invalid')) return 'bounce';
  const match = /^([^+@]+)(?:\+[^@]*)?@simulator\.amazonses\.com$/i.exec(address);
  return SIMULATOR[match?.[1]?.toLowerCase() ?? ''] ?? 'deliver';
}

const domainOf = (address: string): string =>
  address.slice(address.lastIndexOf('@') + 1).toLowerCase();

const BOUNCES = {
  bounce: {
    bounceSubType: 'General',
    status: '5.1.1',
    diagnosticCode: 'smtp; 550 5.1.1 user unknown',
  },
  suppress: {
    bounceSubType: 'Suppressed',
    status: '5.1.1',
    diagnosticCode:
      'Amazon SES has suppressed sending to this address because it has a recent history of bouncing as an invalid address.',
  },
} as const;

function bounceEvent(
  sent: SentMessage,
  recipients: readonly string[],
  kind: 'bounce' | 'suppress',
): SesEvent {
  const { bounceSubType, status, diagnosticCode } = BOUNCES[kind];
  return {
    eventType: 'Bounce',
    mail: mailObject(sent),
    bounce: {
      bounceType: 'Permanent',
      bounceSubType,
      bouncedRecipients: recipients.map((emailAddress) => ({
        emailAddress,
        action: 'failed',
        status,
        diagnosticCode,
      })),
      timestamp: iso(sent.at + DELIVERY_AFTER_MS),
      feedbackId: sent.messageId,
      reportingMTA: 'dns; a1-1.smtp-out.amazonses.com',
    },
  };
}

const deliveryEvent = (sent: SentMessage, recipients: readonly string[]): SesEvent => ({
  eventType: 'Delivery',
  mail: mailObject(sent, { 'ses:outgoing-ip': '127.0.0.1' }),
  delivery: {
    timestamp: iso(sent.at + DELIVERY_AFTER_MS),
    processingTimeMillis: DELIVERY_AFTER_MS,
    recipients,
    smtpResponse: '250 2.6.0 Message received',
    remoteMtaIp: '127.0.0.1',
    reportingMTA: 'a1-1.smtp-out.amazonses.com',
  },
});

const complaintEvent = (sent: SentMessage, recipients: readonly string[]): SesEvent => ({
  eventType: 'Complaint',
  mail: mailObject(sent),
  complaint: {
    complainedRecipients: recipients.map((emailAddress) => ({ emailAddress })),
    timestamp: iso(sent.at + COMPLAINT_AFTER_MS),
    feedbackId: sent.messageId,
    complaintSubType: null,
    userAgent: 'Amazon SES Mailbox Simulator',
    complaintFeedbackType: 'abuse',
    arrivalDate: iso(sent.at + COMPLAINT_AFTER_MS),
  },
});

/** The anti-virus test file, in the open and as its base64 begins (AWS has senders test Reject with it). */
const EICAR = [
  'EICAR-STANDARD-ANTIVIRUS-TEST-FILE',
  'WDVPIVAlQEFQWzRcUFpYNTQoUF4pN0NDKTd9JEVJQ0FSLVNUQU5EQVJE',
];

/** Returns true if SES would take the message and then not send it: the test virus is in it. */
export const isRejected = ({ body }: RawMessage): boolean =>
  EICAR.some((signature) => body.includes(signature));

/** Returns all events of an accepted message, one for each receiving domain and fate. */
export function planEvents(sent: SentMessage): PlannedEvent[] {
  const send: PlannedEvent = {
    after: 0,
    event: { eventType: 'Send', mail: mailObject(sent), send: {} },
  };
  if (isRejected(sent.message)) {
    const reject: SesEvent = {
      eventType: 'Reject',
      mail: mailObject(sent),
      reject: { reason: 'Bad content' },
    };
    return [send, { after: DELIVERY_AFTER_MS, event: reject }];
  }
  const groups = Map.groupBy(
    sent.destinations,
    (address) => `${domainOf(address)} ${fateOf(address)}`,
  );
  const fates = [...groups.values()].flatMap((recipients): PlannedEvent[] => {
    const fate = fateOf(recipients[0] ?? '');
    if (fate === 'bounce' || fate === 'suppress') {
      return [{ after: DELIVERY_AFTER_MS, event: bounceEvent(sent, recipients, fate) }];
    }
    const delivered = { after: DELIVERY_AFTER_MS, event: deliveryEvent(sent, recipients) };
    return fate === 'complain'
      ? [delivered, { after: COMPLAINT_AFTER_MS, event: complaintEvent(sent, recipients) }]
      : [delivered];
  });
  return [send, ...fates];
}
