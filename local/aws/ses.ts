import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Resolution, ZoneSource } from '../dns/resolution.ts';
import { answering } from './errors.ts';
import { AwsError, HANG_UP } from './http.ts';
import type { AwsHandler, AwsRequest, AwsResponse, Clock } from './http.ts';
import { QueryInput, queryResponse } from './query-protocol.ts';
import { RateLimit } from './rate-limit.ts';
import { controlOperations, DAILY_QUOTA } from './ses-control.ts';
import { SES_DOMAIN, deliveredMessage } from './ses-delivered.ts';
import { isRejected, planEvents } from './ses-events.ts';
import { checkAddress } from './ses-address.ts';
import { SesIdentities } from './ses-identities.ts';
import { EventJournal } from './ses-journal.ts';
import type { Publish } from './ses-journal.ts';
import { checkMessage, V1_MAX_OCTETS } from './ses-message.ts';
import { Outbox } from './ses-outbox.ts';
import { readSend, sendersOf } from './ses-send-request.ts';
import type { SendRequest } from './ses-send-request.ts';
import { SesStore } from './ses-store.ts';
import type { Identity, SendRecord } from './ses-store.ts';
import { isV2, readSendEmail, v2Error, v2Operation, v2Response } from './ses-v2.ts';
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
  readonly sendRate?: number | undefined;
  readonly now?: Clock;
}

/** The outcome of one call that sends. */
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
  /** One for each of the next calls that send, in turn. */
  readonly sends?: readonly SendFault[];
  /** Milliseconds that each send waits before it is accepted. */
  readonly delayBeforeMs?: number;
  /** Milliseconds that each send's answer waits once it is accepted. */
  readonly delayAfterMs?: number;
  /** Keeps all events back until planted otherwise. */
  readonly holdEvents?: boolean;
  /** Domains of which every control call is answered with 500. */
  readonly failIdentities?: readonly string[];
  /** The most identities of the account. */
  readonly identityQuota?: number;
  /** Domains for whose identities the account has no room. */
  readonly noRoomFor?: readonly string[];
}

export interface Ses {
  readonly handle: AwsHandler;
  /** `amazonses.com`: the key of SES's own signatures, its SPF record, the hosts that MX records name. */
  readonly zones: ZoneSource;
  /** Declares a configuration set; sending with another one is refused. */
  putConfigurationSet(name: string): void;
  /** Makes a receipt rule set the active one. */
  putActiveRuleSet(name: string): void;
  /** Has AWS stop the account's sending, or resume it; GetAccount says so. */
  putStopped(isOn: boolean): void;
  /** Puts the account into the sandbox, or takes it out: in it, verified addresses get mail only. */
  putSandbox(isOn: boolean): void;
  /** Changes the recipients a second that the account may send to. */
  putSendRate(perSecond: number): void;
  plantFaults(faults: SesFaults): void;
  /** Every accepted message, oldest first. */
  sends(): SendRecord[];
  close(): Promise<void>;
}

export const SES_NAMESPACE = 'http://ses.amazonaws.com/doc/2010-12-01/';

const DEFAULT_SEND_RATE = 14;

const rateLimitOf = (perSecond: number, now: Clock) => new RateLimit(perSecond, perSecond, now);

const invalid = (message: string): AwsError => new AwsError('InvalidParameterValue', message);

const throttled = (message: string): AwsError => new AwsError('Throttling', message);

const unavailable = (): AwsError =>
  new AwsError('ServiceUnavailable', 'Service is temporarily unavailable: planted fault', 503);

/** As SES makes them: a prefix of the region, the time, random, a counter. */
const newMessageId = (now: number): string =>
  `0107${now.toString(16).padStart(12, '0')}-${randomUUID()}-000000`;

/** SES's mailbox simulator takes mail from the sandbox too. */
const isNoSimulator = (address: string): boolean =>
  !address.toLowerCase().endsWith('@simulator.amazonses.com');

const FAULT_NAMES = [
  'sends',
  'delayBeforeMs',
  'delayAfterMs',
  'holdEvents',
  'failIdentities',
  'identityQuota',
  'noRoomFor',
];
/** SES's default. */
const IDENTITY_QUOTA = 10_000;

/** SES: domain identities proven by DNS (v1, Query protocol), and raw mail into an outbox (v1 and v2). */
export function createSes(options: SesOptions): Ses {
  const { stateDir, region, accountId, resolve, log, now = Date.now } = options;
  const store = new SesStore(stateDir);
  const identities = new SesIdentities(store, {
    region,
    resolve,
    now,
    quota: (domain) =>
      faults.noRoomFor?.includes(domain) ? 0 : (faults.identityQuota ?? IDENTITY_QUOTA),
  });
  const outbox = new Outbox(options.outbox, (messageId) => store.isAccepted(messageId));
  const journal = new EventJournal(store, options.publish, now, log);
  const configurationSets = new Set<string>();
  const { privateKey, publicKey } = store.signingKey();
  const dkim = { selector: 'standin', privateKey };
  const controlLimit = new RateLimit(options.controlRate ?? 1, options.controlRate ?? 1, now);
  let sendRate = options.sendRate ?? DEFAULT_SEND_RATE;
  let sendLimit = options.sendRate === undefined ? undefined : rateLimitOf(sendRate, now);
  let activeRuleSet: string | undefined;
  const operations = controlOperations(
    identities,
    { sendRate: () => sendRate, sentInLastDay: () => store.sentSince(now()) },
    () => activeRuleSet,
  );
  let sandboxed = false;
  let stopped = false;
  const account = () => ({
    EnforcementStatus: 'HEALTHY',
    ProductionAccessEnabled: !sandboxed,
    SendingEnabled: !stopped,
    SendQuota: {
      Max24HourSend: DAILY_QUOTA,
      MaxSendRate: sendRate,
      SentLast24Hours: store.sentSince(now()),
    },
  });
  let faults: SesFaults = {};
  let sendFaults: SendFault[] = [];

  /** The verified identity of each sender; MessageRejected names those that have none. */
  const verified = (
    senders: readonly { address: string; domain: string }[],
    recipients: readonly string[],
  ): Identity => {
    const named = recipients.map((address) => ({ address, domain: checkAddress(address).domain }));
    const failed = [...senders, ...named].filter(
      ({ domain }) => identities.covering(domain) === undefined,
    );
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

  const accept = (request: SendRequest, maxOctets: number): string => {
    const { source, destinations, configurationSet, tags, raw } = request;
    if (configurationSet !== undefined && !configurationSets.has(configurationSet)) {
      throw new AwsError(
        'ConfigurationSetDoesNotExist',
        `Configuration set <${configurationSet}> does not exist.`,
      );
    }
    const message = checkMessage(raw, maxOctets);
    const recipients = sandboxed ? destinations.filter(isNoSimulator) : [];
    const identity = verified(sendersOf(source, message), recipients);
    const returnDomain = mailFromDomain(identity);
    if (sendLimit?.takeOnCredit(destinations.length) === false) {
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

  /** Plays the next planted fault around `accepted`. */
  const send = async (
    accepted: () => string,
    answer: (messageId: string) => AwsResponse,
  ): Promise<AwsResponse | typeof HANG_UP> => {
    const fault = sendFaults.shift() ?? 'none';
    if (fault === 'throttle') throw throttled('Maximum sending rate exceeded.');
    if (fault === 'drop-before') return HANG_UP;
    if (fault === 'fail-before') throw unavailable();
    const { delayBeforeMs = 0, delayAfterMs = 0 } = faults;
    if (delayBeforeMs > 0) await sleep(delayBeforeMs);
    const messageId = accepted();
    if (delayAfterMs > 0) await sleep(delayAfterMs);
    if (fault === 'drop-after') return HANG_UP;
    if (fault === 'fail-after') throw unavailable();
    return answer(messageId);
  };

  const run = (input: QueryInput): Promise<AwsResponse | typeof HANG_UP> | AwsResponse => {
    const { action } = input;
    if (action === 'SendRawEmail') {
      return send(
        () => accept(readSend(input), V1_MAX_OCTETS),
        (messageId) => queryResponse(action, SES_NAMESPACE, [element('MessageId', messageId)]),
      );
    }
    const operation = Object.hasOwn(operations, action) ? operations[action] : undefined;
    if (operation === undefined) {
      throw new AwsError('InvalidAction', `The SES stand-in has no action ${action}.`);
    }
    if (options.controlRate !== undefined && !controlLimit.take()) throw throttled('Rate exceeded');
    if (input.values().some((value) => faults.failIdentities?.includes(value))) {
      throw new AwsError(
        'InternalFailure',
        'The request processing has failed: planted fault',
        500,
      );
    }
    return queryResponse(action, SES_NAMESPACE, operation(input));
  };

  const runV2 = async (request: AwsRequest): Promise<AwsResponse | typeof HANG_UP> => {
    const operation = v2Operation(request);
    try {
      if (operation === 'SendEmail') {
        return await send(
          () => accept(readSendEmail(request), Number.POSITIVE_INFINITY),
          (MessageId) => v2Response({ MessageId }),
        );
      }
      if (options.controlRate !== undefined && !controlLimit.take()) {
        throw throttled('Rate exceeded');
      }
      return v2Response(account());
    } catch (error) {
      throw error instanceof AwsError ? v2Error(error) : error;
    }
  };

  return {
    handle: (request) =>
      isV2(request)
        ? answering('rest-json', () => runV2(request))
        : answering('ses', () => run(new QueryInput(request))),
    zones: sesZones({ region, selector: dkim.selector, publicKey }),
    putConfigurationSet: (name) => void configurationSets.add(name),
    putActiveRuleSet(name) {
      activeRuleSet = name;
    },
    putSandbox(isOn) {
      sandboxed = isOn;
    },
    putStopped(isOn) {
      stopped = isOn;
    },
    putSendRate(perSecond) {
      sendRate = perSecond;
      sendLimit = rateLimitOf(perSecond, now);
    },
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
