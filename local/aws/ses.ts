import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resolution, ZoneSource } from '../dns/resolution.ts';
import { answering } from './errors.ts';
import { AwsError, HANG_UP } from './http.ts';
import type { AwsHandler, AwsResponse, Clock } from './http.ts';
import { QueryInput, queryResponse } from './query-protocol.ts';
import { RateLimit } from './rate-limit.ts';
import { controlOperations } from './ses-control.ts';
import { SES_DOMAIN, deliveredMessage } from './ses-delivered.ts';
import { isRejected, planEvents } from './ses-events.ts';
import { SesIdentities } from './ses-identities.ts';
import { EventJournal } from './ses-journal.ts';
import type { Publish } from './ses-journal.ts';
import { checkMessage } from './ses-message.ts';
import { Outbox } from './ses-outbox.ts';
import { readSend, sendersOf } from './ses-send-request.ts';
import type { SendRequest } from './ses-send-request.ts';
import { SesStore } from './ses-store.ts';
import type { Identity, SendRecord } from './ses-store.ts';
import { sesZones } from './ses-zones.ts';
import { element } from './xml.ts';

export interface SesOptions {
  readonly stateDir: string;
  /** The folder that accepted messages are shown in. */
  readonly outbox: string;
  readonly region: string;
  readonly accountId: string;
  /** Queries the proofs of identities and MAIL FROM domains: the DNS server's `resolve`. */
  readonly resolve: (name: string, type: 'TXT' | 'MX') => Resolution;
  /** Is given every event of a message with a configuration set, at least once. */
  readonly publish: Publish;
  readonly log: (message: string) => void;
  /** Requests a second of all but sending; AWS has 1. Default: no limit. */
  readonly controlRate?: number;
  /** Recipients a second. Default: no limit. */
  readonly sendRate?: number;
  readonly now?: Clock;
}

/** The outcome of one SendRawEmail call. */
export type SendFault =
  /** Throttling; not accepted. */
  | 'throttle'
  /** The connection is cut; not accepted. */
  | 'drop-before'
  /** The connection is cut; accepted. */
  | 'drop-after'
  /** 503; not accepted. */
  | 'fail-before'
  /** 503; accepted. */
  | 'fail-after'
  | 'none';

/** Planted faults; planting replaces all that were there. */
export interface SesFaults {
  /** One for each of the next SendRawEmail calls, in turn. */
  readonly sends?: readonly SendFault[];
  /** Milliseconds that each send waits before it is accepted. */
  readonly delayBeforeMs?: number;
  /** Milliseconds that each send's answer waits once it is accepted. */
  readonly delayAfterMs?: number;
  /** Keeps all events back until planted otherwise. */
  readonly holdEvents?: boolean;
}

export interface Ses {
  readonly handle: AwsHandler;
  /** `amazonses.com`: the key of SES's own signatures, its SPF record, the hosts that MX records name. */
  readonly zones: ZoneSource;
  /** Declares a configuration set; sending with another one is refused. */
  putConfigurationSet(name: string): void;
  plantFaults(faults: SesFaults): void;
  /** Every accepted message, oldest first. */
  sends(): SendRecord[];
  close(): Promise<void>;
}

export const SES_NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';

const DEFAULT_SEND_RATE = 14;

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const throttled = (message: string): AwsError => new AwsError('Throttling', message);

const unavailable = (): AwsError =>
  new AwsError('ServiceUnavailable', 'Service is temporarily unavailable: planted fault', 503);

/** As SES makes them: a prefix of the region, the time, random, a counter. */
const newMessageId = (now: number): string =>
  `0107${now.toString(16).padStart(12, '0')}-${randomUUID()}-000000`;

const FAULT_NAMES = ['sends', 'delayBeforeMs', 'delayAfterMs', 'holdEvents'];

/** SES v1 in the Query protocol: domain identities proven by DNS, and raw mail into an outbox. */
export function createSes(options: SesOptions): Ses {
  const { stateDir, region, accountId, resolve, log, now = Date.now } = options;
  const store = new SesStore(stateDir);
  const identities = new SesIdentities(store, { region, resolve, now });
  const outbox = new Outbox(options.outbox, (messageId) => store.isAccepted(messageId));
  const journal = new EventJournal(store, options.publish, now, log);
  const configurationSets = new Set<string>();
  const { privateKey, publicKey } = store.signingKey();
  const dkim = { selector: 'standin', privateKey };
  const controlLimit = new RateLimit(options.controlRate ?? 1, options.controlRate ?? 1, now);
  const sendRate = options.sendRate ?? DEFAULT_SEND_RATE;
  const sendLimit = new RateLimit(sendRate, sendRate, now);
  const operations = controlOperations(identities, {
    sendRate,
    sentInLastDay: () => store.sentSince(now()),
  });
  let faults: SesFaults = {};
  let sendFaults: SendFault[] = [];

  /** The verified identity of each sender; MessageRejected names those that have none. */
  const verified = (senders: readonly { address: string; domain: string }[]): Identity => {
    const failed = senders.filter(({ domain }) => identities.covering(domain) === undefined);
    if (failed.length > 0) {
      const names = [...new Set(failed.map(({ address }) => address))].join(', ');
      throw new AwsError(
        'MessageRejected',
        `Email address is not verified. The following identities failed the check in region ${region.toUpperCase()}: ${names}`,
      );
    }
    const [source] = senders;
    const identity = identities.covering(source?.domain ?? '');
    if (identity === undefined) throw invalid("Missing final '@domain'");
    return identity;
  };

  const mailFromDomain = ({ domain, mailFrom }: Identity): string => {
    if (mailFrom !== undefined && identities.mailFromStatus(mailFrom) === 'Success') {
      return mailFrom.domain;
    }
    if (mailFrom?.onMxFailure === 'RejectMessage') {
      throw new AwsError(
        'MailFromDomainNotVerifiedException',
        `MAIL-FROM domain <${mailFrom.domain}> of ${domain} is not verified.`,
      );
    }
    return `${region}.${SES_DOMAIN}`;
  };

  const accept = (request: SendRequest): string => {
    const { source, destinations, configurationSet, tags, raw } = request;
    if (configurationSet !== undefined && !configurationSets.has(configurationSet)) {
      throw new AwsError(
        'ConfigurationSetDoesNotExist',
        `Configuration set <${configurationSet}> does not exist.`,
      );
    }
    const message = checkMessage(raw);
    const identity = verified(sendersOf(source, message));
    const returnDomain = mailFromDomain(identity);
    if (options.sendRate !== undefined && !sendLimit.takeOnCredit(destinations.length)) {
      throw throttled('Maximum sending rate exceeded.');
    }
    const at = now();
    const messageId = newMessageId(at);
    const delivery = { messageId, at, region, mailFromDomain: returnDomain, dkim };
    const delivered = isRejected(message) ? undefined : deliveredMessage(message, delivery);
    const sourceArn = `arn:aws:ses:${region}:${accountId}:identity/${identity.domain}`;
    const sent = { ...request, messageId, at, sourceArn, accountId, message };
    const record: SendRecord = {
      messageId,
      at,
      source,
      destinations,
      ...(configurationSet !== undefined && { configurationSet }),
      tags,
    };
    const staged = outbox.stage(messageId, raw, delivered);
    store.accept(
      record,
      planEvents(sent).map(({ after, event }) => ({ dueAt: at + after, event })),
    );
    staged.commit();
    journal.wake();
    return messageId;
  };

  const send = async (input: QueryInput): Promise<AwsResponse | typeof HANG_UP> => {
    const fault = sendFaults.shift() ?? 'none';
    if (fault === 'throttle') throw throttled('Maximum sending rate exceeded.');
    if (fault === 'drop-before') return HANG_UP;
    if (fault === 'fail-before') throw unavailable();
    const { delayBeforeMs = 0, delayAfterMs = 0 } = faults;
    if (delayBeforeMs > 0) await sleep(delayBeforeMs);
    const messageId = accept(readSend(input));
    if (delayAfterMs > 0) await sleep(delayAfterMs);
    if (fault === 'drop-after') return HANG_UP;
    if (fault === 'fail-after') throw unavailable();
    return queryResponse('SendRawEmail', SES_NAMESPACE, [element('MessageId', messageId)]);
  };

  const run = (input: QueryInput): Promise<AwsResponse | typeof HANG_UP> | AwsResponse => {
    const { action } = input;
    if (action === 'SendRawEmail') return send(input);
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (operation === undefined) {
      throw new AwsError('InvalidAction', `The SES stand-in has no action ${action}.`);
    }
    if (options.controlRate !== undefined && !controlLimit.take()) throw throttled('Rate exceeded');
    return queryResponse(action, SES_NAMESPACE, operation(input));
  };

  return {
    handle: (request) => answering('ses', () => run(new QueryInput(request))),
    zones: sesZones({ region, selector: dkim.selector, publicKey }),
    putConfigurationSet: (name) => void configurationSets.add(name),
    plantFaults(plan) {
      const unknown = Object.keys(plan).find((name) => !FAULT_NAMES.includes(name));
      if (unknown !== undefined) throw new Error(`SES has no planted fault ${unknown}`);
      faults = plan;
      sendFaults = [...(plan.sends ?? [])];
      journal.hold(plan.holdEvents === true);
    },
    sends: () => store.sends(),
    async close() {
      await journal.close();
      store.close();
    },
  };
}
