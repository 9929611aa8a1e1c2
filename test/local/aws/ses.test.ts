import { generateKeyPairSync } from 'node:crypto';
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import { join } from 'node:path';
import {
  DeleteIdentityCommand,
  GetIdentityMailFromDomainAttributesCommand,
  GetIdentityVerificationAttributesCommand,
  GetSendQuotaCommand,
  ListIdentitiesCommand,
  SESClient,
  SendEmailCommand,
  SendRawEmailCommand,
  SetIdentityMailFromDomainCommand,
  VerifyDomainIdentityCommand,
} from '@aws-sdk/client-ses';
import type { SendRawEmailCommandInput } from '@aws-sdk/client-ses';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { dkimVerify } from 'mailauth/lib/dkim/verify.js';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createSes } from '../../../local/aws/ses.ts';
import type { SendFault, Ses, SesOptions } from '../../../local/aws/ses.ts';
import type { SesEvent } from '../../../local/aws/ses-events.ts';
import { Outbox } from '../../../local/aws/ses-outbox.ts';
import type { ZoneSource } from '../../../local/dns/resolution.ts';
import { startDnsServer } from '../../../local/dns/server.ts';
import type { DnsServer } from '../../../local/dns/server.ts';
import { zoneFiles } from '../../../local/dns/zone-files.ts';
import {
  ACCOUNT,
  REGION,
  clientConfig,
  gatewayFor,
  refusal,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

let stateDir: string;
let dns: DnsServer;
let ses: Ses;
let gateway: Gateway;
let client: SESClient;
let now: number;
let published: { event: SesEvent; configurationSet: string }[];
let publishFailures: number;

const customers = (): string => join(stateDir, 'customer-dns');
const outbox = (): string => join(stateDir, 'outbox');

const unexpected = (line: string): never => expect.unreachable(line);

async function start(more: Partial<SesOptions> = {}): Promise<void> {
  // The zones of SES itself are known once it is there, and it needs the DNS server before.
  let sesZones: ZoneSource = { at: () => [], serverAddress: () => undefined };
  const later: ZoneSource = {
    at: (apex) => sesZones.at(apex),
    serverAddress: (name) => sesZones.serverAddress(name),
  };
  dns = await startDnsServer({
    sources: [later, zoneFiles(customers(), unexpected)],
    port: 0,
    log: unexpected,
  });
  ses = createSes({
    stateDir,
    outbox: outbox(),
    region: REGION,
    accountId: ACCOUNT,
    resolve: (name, type) => dns.resolve(name, type),
    log() {},
    now: () => now,
    async publish(event, configurationSet) {
      if (publishFailures > 0) {
        publishFailures--;
        throw new Error('nobody listens');
      }
      published.push({ event, configurationSet });
    },
    ...more,
  });
  sesZones = ses.zones;
  ses.putConfigurationSet('mail');
  gateway = await gatewayFor({ ses: ses.handle });
  client = new SESClient(clientConfig(gateway));
}

async function stop(): Promise<void> {
  client.destroy();
  await gateway.close();
  await ses.close();
  await dns.close();
}

beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  published = [];
  publishFailures = 0;
  stateDir = temporaryDirectory();
  await start();
});

afterEach(async () => {
  await stop();
  remove(stateDir);
});

const customer = (domain: string, ...lines: readonly string[]): void =>
  writeFileSync(join(customers(), `${domain}.zone`), `${lines.join('\n')}\n`);

const verify = async (Domain: string): Promise<string> =>
  (await client.send(new VerifyDomainIdentityCommand({ Domain }))).VerificationToken ?? '';

const status = async (domain: string): Promise<string | undefined> => {
  const command = new GetIdentityVerificationAttributesCommand({ Identities: [domain] });
  return (await client.send(command)).VerificationAttributes?.[domain]?.VerificationStatus;
};

async function verified(domain: string, ...lines: readonly string[]): Promise<void> {
  customer(domain, `_amazonses TXT "${await verify(domain)}"`, ...lines);
}

const message = (...header: readonly string[]): string =>
  [...header, 'MIME-Version: 1.0', 'Content-Type: text/plain', '', 'Hello', ''].join('\r\n');

const MAIL = message('From: A <a@example.com>', 'To: b@example.org', 'Subject: Hi');

const send = async (raw: string | Buffer, more: Partial<SendRawEmailCommandInput> = {}) =>
  client.send(
    new SendRawEmailCommand({
      Source: 'bounces@example.com',
      Destinations: ['b@example.org'],
      RawMessage: { Data: typeof raw === 'string' ? Buffer.from(raw, 'latin1') : raw },
      ...more,
    }),
  );

const delivered = (messageId: string | undefined): Buffer =>
  readFileSync(join(outbox(), `${messageId}.delivered.eml`));

const eventTypes = (): string[] => published.map(({ event }) => event.eventType);

describe('a domain identity', () => {
  test('is pending until its token is in DNS', async () => {
    const token = await verify('Example.com');
    expect(token).toMatch(/^[A-Za-z0-9+/]{43}=$/);
    expect(await verify('example.com')).toBe(token);
    expect(await status('example.com')).toBe('Pending');
    customer('example.com', '_amazonses TXT "something else"', `_amazonses TXT "${token}"`);
    expect(await status('example.com')).toBe('Success');
    await stop();
    await start();
    expect(await status('example.com')).toBe('Success');
  });

  test('follows the customer’s CNAME to its token', async () => {
    customer('provider.example', `t TXT "${await verify('example.com')}"`);
    customer('example.com', '_amazonses CNAME t.provider.example.');
    expect(await status('example.com')).toBe('Success');
  });

  test('fails after 72 hours without proof, and may be requested again', async () => {
    const token = await verify('example.com');
    now += 72 * 3_600_000;
    expect(await status('example.com')).toBe('Pending');
    now += 1;
    expect(await status('example.com')).toBe('Failed');
    expect(await verify('example.com')).toBe(token);
    expect(await status('example.com')).toBe('Pending');
  });

  test('is listed until it is deleted, and not known otherwise', async () => {
    await verify('example.com');
    await verify('example.net');
    const list = async () => (await client.send(new ListIdentitiesCommand({}))).Identities;
    expect(await list()).toEqual(['example.com', 'example.net']);
    await client.send(new DeleteIdentityCommand({ Identity: 'example.com' }));
    await client.send(new DeleteIdentityCommand({ Identity: 'example.com' }));
    expect(await list()).toEqual(['example.net']);
    expect(await status('example.com')).toBeUndefined();
  });

  test('is asked about with at most 100 others, and has a valid name', async () => {
    const Identities = Array.from({ length: 101 }, (_, index) => `d${index}.example`);
    const many = new GetIdentityVerificationAttributesCommand({ Identities });
    expect((await refusal(client.send(many))).name).toBe('ValidationError');
    expect((await refusal(verify('not a domain'))).name).toBe('InvalidParameterValue');
  });
});

const setMailFrom = (
  MailFromDomain?: string,
  behavior: 'RejectMessage' | 'UseDefaultValue' = 'UseDefaultValue',
) =>
  client.send(
    new SetIdentityMailFromDomainCommand({
      Identity: 'example.com',
      MailFromDomain,
      BehaviorOnMXFailure: behavior,
    }),
  );
const mailFrom = async () => {
  const command = new GetIdentityMailFromDomainAttributesCommand({ Identities: ['example.com'] });
  return (await client.send(command)).MailFromDomainAttributes?.['example.com'];
};

describe('a custom MAIL FROM', () => {
  const MX = `bounces MX 10 feedback-smtp.${REGION}.amazonses.com.`;
  const SPF = 'bounces TXT "v=spf1 include:amazonses.com ~all"';

  test('is proven by exactly one MX of SES and an SPF record', async () => {
    await verified('example.com');
    await setMailFrom('bounces.example.com');
    expect(await mailFrom()).toEqual({
      MailFromDomain: 'bounces.example.com',
      MailFromDomainStatus: 'Pending',
      BehaviorOnMXFailure: 'UseDefaultValue',
    });
    await verified('example.com', MX);
    expect((await mailFrom())?.MailFromDomainStatus).toBe('Pending');
    await verified('example.com', MX, SPF);
    expect((await mailFrom())?.MailFromDomainStatus).toBe('Success');
    await verified('example.com', MX, 'bounces MX 20 mail.example.com.', SPF);
    expect((await mailFrom())?.MailFromDomainStatus).toBe('Failed');
    await setMailFrom();
    expect(await mailFrom()).toEqual({ BehaviorOnMXFailure: 'UseDefaultValue' });
  });

  test('is a subdomain of an identity that is there', async () => {
    expect((await refusal(setMailFrom('bounces.example.com'))).message).toContain('does not exist');
    await verify('example.com');
    expect((await refusal(setMailFrom('bounces.example.net'))).message).toContain('not subdomain');
  });

  test('is where mail returns to once it is proven; before, SES’s own or nowhere', async () => {
    await verified('example.com');
    await setMailFrom('bounces.example.com');
    const first = await send(MAIL);
    expect(delivered(first.MessageId).toString()).toMatch(
      new RegExp(`^Return-Path: <${first.MessageId}@${REGION}.amazonses.com>\r\n`),
    );
    await verified('example.com', MX, SPF);
    const second = await send(MAIL);
    expect(delivered(second.MessageId).toString()).toMatch(
      `Return-Path: <${second.MessageId}@bounces.example.com>\r\n`,
    );
    await verified('example.com');
    await setMailFrom('bounces.example.com', 'RejectMessage');
    expect((await refusal(send(MAIL))).name).toBe('MailFromDomainNotVerifiedException');
  });
});

describe('an accepted mail', () => {
  test('is in the outbox as it was given, octet for octet', async () => {
    await verified('example.com');
    const raw = Buffer.concat([
      Buffer.from('From: a@example.com\r\nSubject: x\r\n\r\n'),
      Buffer.from(Array.from({ length: 256 }, (_, index) => (index === 10 ? 13 : index))),
      Buffer.from('\r\n\r\n\r\n'),
    ]);
    const { MessageId } = await send(raw);
    expect(readFileSync(join(outbox(), `${MessageId}.eml`))).toEqual(raw);
    expect(delivered(MessageId).subarray(-raw.length + raw.indexOf('\r\n\r\n'))).toEqual(
      raw.subarray(raw.indexOf('\r\n\r\n')),
    );
    expect(readdirSync(outbox())).toHaveLength(2);
  });

  test('is delivered with SES’s Date, Message-ID, Return-Path and Feedback-ID', async () => {
    await verified('example.com');
    const { MessageId } = await send(
      message(
        'Return-Path: <x@example.com>',
        'Date: Mon, 1 Jan 2001 00:00:00 +0000',
        'From: a@example.com',
        'message-id: <mine@example.com>',
        'X-Folded: one',
        ' two',
      ),
    );
    const [header = '', body] = delivered(MessageId).toString().split('\r\n\r\n');
    expect(body).toBe('Hello\r\n');
    const only = (name: string): string[] =>
      header.split(/\r\n(?! )/).filter((line) => line.toLowerCase().startsWith(`${name}:`));
    expect(only('date')).toEqual(['Date: Thu, 01 Jan 2026 00:00:00 +0000']);
    expect(only('message-id')).toEqual([`Message-ID: <${MessageId}@${REGION}.amazonses.com>`]);
    expect(only('return-path')).toHaveLength(1);
    expect(only('feedback-id')).toHaveLength(1);
    expect(only('received')).toHaveLength(1);
    expect(only('x-folded')).toEqual(['X-Folded: one\r\n two']);
  });

  test('keeps the customer’s signature valid, beside SES’s own, for a verifier that asks our DNS', async () => {
    const keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const key = keys.publicKey.export({ type: 'spki', format: 'der' }).toString('base64');
    await verified(
      'example.com',
      `zero._domainkey TXT "v=DKIM1; k=rsa; p=${key.slice(0, 200)}" "${key.slice(200)}"`,
    );
    const privateKey = keys.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const signature = { signingDomain: 'example.com', selector: 'zero', privateKey };
    const signed = await dkimSign(MAIL, {
      canonicalization: 'relaxed/relaxed',
      headerList: ['From', 'To', 'Subject', 'MIME-Version', 'Content-Type'],
      ...signature,
      signatureData: [signature],
    });
    const { MessageId } = await send(signed.signatures + MAIL);
    const resolver = new Resolver();
    resolver.setServers([`${dns.host}:${dns.port}`]);
    const result = await dkimVerify(delivered(MessageId), {
      resolver: (name: string, type: string) => resolver.resolve(name, type) as Promise<string[][]>,
      curTime: new Date(now),
    });
    expect(
      result.results.map(({ signingDomain, status: { result: verdict } }) => [
        signingDomain,
        verdict,
      ]),
    ).toEqual([
      ['amazonses.com', 'pass'],
      ['example.com', 'pass'],
    ]);
  });

  test('may come from a subdomain of the identity, by several senders', async () => {
    await verified('example.com');
    const mail = message(
      'From: "x, y" <a@sub.example.com> (c), b@example.com',
      'Sender: b@example.com',
    );
    await expect(send(mail, { Source: 'a@sub.example.com' })).resolves.toHaveProperty('MessageId');
  });

  test('counts in the quota', async () => {
    await verified('example.com');
    await send(MAIL, { Destinations: ['b@example.org', 'c@example.org'] });
    const quota = await client.send(new GetSendQuotaCommand({}));
    expect(quota).toMatchObject({ SentLast24Hours: 2, MaxSendRate: 14 });
    expect(ses.sends()).toMatchObject([{ destinations: ['b@example.org', 'c@example.org'] }]);
  });
});

const parts = (count: number): string =>
  `From: a@example.com\r\nContent-Type: multipart/mixed; boundary="b"\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(count)}--b--\r\n`;

describe('a mail is refused', () => {
  const long = `${'x'.repeat(999)}\r\n`;
  test.each([
    [
      'with two signatures',
      message('From: a@example.com', 'DKIM-Signature: a', 'dkim-signature: b'),
      "Duplicate header 'dkim-signature'.",
    ],
    [
      'with another field twice that SES takes once',
      message('From: a@example.com', 'List-Id: a', 'List-Id: b'),
      "Duplicate header 'List-Id'.",
    ],
    ['without From', message('To: b@example.org'), "Missing required header 'From'."],
    [
      'with two From fields',
      message('From: a@example.com', 'From: a@example.com'),
      "Duplicate header 'From'.",
    ],
    ['with an empty From', message('From: '), "Missing required header 'From'."],
    [
      'with 8-bit octets in the header',
      message('From: a@example.com', 'Subject: \u00FC'),
      'non-ASCII',
    ],
    [
      'with a header line that is none',
      message('From: a@example.com', 'nonsense'),
      'Invalid header line',
    ],
    ['with a line over 998 octets', MAIL + long, 'A line has 999 octets'],
    ['with more than 500 MIME parts', parts(500), 'more than 500 MIME parts'],
    [
      'that steers SES by its header',
      message('From: a@example.com', 'X-SES-CONFIGURATION-SET: x'),
      'X-SES-CONFIGURATION-SET',
    ],
    [
      'over 10 MB',
      MAIL + 'x\r\n'.repeat(3_600_000),
      'Message length is more than 10485760 bytes long',
    ],
  ])('%s', async (_, raw, reason) => {
    await verified('example.com');
    expect(await refusal(send(raw))).toEqual({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(reason),
    });
    expect(readdirSync(outbox())).toEqual([]);
  });

  test.each([
    [
      'an envelope of 51 recipients',
      { Destinations: Array.from({ length: 51 }, (_, n) => `r${n}@example.org`) },
      'Recipient count exceeds 50',
    ],
    ['a recipient without domain', { Destinations: ['b'] }, "Missing final '@domain'"],
    [
      'a recipient with a non-ASCII local part',
      { Destinations: ['\u00FC@example.org'] },
      'non-ASCII',
    ],
    ['a recipient with a space', { Destinations: ['b c@example.org'] }, 'control or whitespace'],
    ['a tag with a blank', { Tags: [{ Name: 'a b', Value: 'x' }] }, 'Invalid tag name <a b>'],
    [
      'a parameter that is not imitated',
      { SourceArn: 'arn:aws:ses:x' },
      'does not support SourceArn',
    ],
  ])('for %s', async (_, more, reason) => {
    await verified('example.com');
    expect(await refusal(send(MAIL, more))).toEqual({
      name: 'InvalidParameterValue',
      message: expect.stringContaining(reason),
    });
  });

  test('with 500 parts and lines of 998 octets it is not', async () => {
    await verified('example.com');
    const mail = `From: a@example.com\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(499)}--b--\r\n${'x'.repeat(998)}\r\n`;
    await expect(send(mail)).resolves.toHaveProperty('MessageId');
  });

  test('where a sender is not verified, naming it, be it in Source, From or Sender', async () => {
    await verified('example.com');
    await verify('pending.example');
    const cases: readonly [string, string, string][] = [
      [MAIL, 'x@other.example', 'x@other.example'],
      [message('From: a@pending.example'), 'a@example.com', 'a@pending.example'],
      [message('From: a@example.com, b@other.example'), 'a@example.com', 'b@other.example'],
      [
        message('From: a@example.com', 'Sender: s@other.example'),
        'a@example.com',
        's@other.example',
      ],
      [message('From: "a@example.com" <x@evil.example>'), 'a@example.com', 'x@evil.example'],
      [message('From: a@xexample.com'), 'a@example.com', 'a@xexample.com'],
    ];
    for (const [raw, Source, named] of cases) {
      expect(await refusal(send(raw, { Source }))).toEqual({
        name: 'MessageRejected',
        message: `Email address is not verified. The following identities failed the check in region EU-CENTRAL-1: ${named}`,
      });
    }
  });

  test('for a configuration set that is not there', async () => {
    await verified('example.com');
    expect(await refusal(send(MAIL, { ConfigurationSetName: 'none' }))).toEqual({
      name: 'ConfigurationSetDoesNotExistException',
      message: 'Configuration set <none> does not exist.',
    });
  });

  test('an action that is not imitated is, too', async () => {
    const email = new SendEmailCommand({
      Source: 'a@example.com',
      Destination: { ToAddresses: ['b@example.org'] },
      Message: { Subject: { Data: 'x' }, Body: { Text: { Data: 'x' } } },
    });
    expect((await refusal(client.send(email))).name).toBe('InvalidAction');
  });
});

const eventsArrive = async (count: number): Promise<void> => {
  now += 1000;
  ses.plantFaults({});
  await expect.poll(() => published.length).toBe(count);
};

describe('events', () => {
  test('report delivery, bounce and complaint by the simulator’s addresses, with the tags', async () => {
    await verified('example.com');
    const { MessageId } = await send(MAIL, {
      ConfigurationSetName: 'mail',
      Tags: [{ Name: 'attempt', Value: 'm1.0.2' }],
      Destinations: [
        'b@example.org',
        'c@EXAMPLE.org',
        'bounce+x@simulator.amazonses.com',
        'complaint@simulator.amazonses.com',
        'suppressionlist@simulator.amazonses.com',
        'ooto@simulator.amazonses.com',
      ],
    });
    await eventsArrive(7);
    expect(published.every(({ configurationSet }) => configurationSet === 'mail')).toBe(true);
    const [first] = published;
    expect(first?.event).toMatchObject({
      eventType: 'Send',
      send: {},
      mail: {
        messageId: MessageId,
        timestamp: '2026-01-01T00:00:00.000Z',
        source: 'bounces@example.com',
        sourceArn: `arn:aws:ses:${REGION}:${ACCOUNT}:identity/example.com`,
        headers: expect.arrayContaining([{ name: 'Subject', value: 'Hi' }]),
        commonHeaders: { from: ['A <a@example.com>'], to: ['b@example.org'], subject: 'Hi' },
        tags: { attempt: ['m1.0.2'], 'ses:configuration-set': ['mail'] },
      },
    });
    const of = (type: string) =>
      published.filter(({ event }) => event.eventType === type).map(({ event }) => event);
    expect(of('Delivery')).toMatchObject([
      { delivery: { recipients: ['b@example.org', 'c@EXAMPLE.org'] } },
      { delivery: { recipients: ['complaint@simulator.amazonses.com'] } },
      { delivery: { recipients: ['ooto@simulator.amazonses.com'] } },
    ]);
    expect(of('Bounce')).toMatchObject([
      {
        bounce: {
          bounceType: 'Permanent',
          bounceSubType: 'General',
          bouncedRecipients: [
            { emailAddress: 'bounce+x@simulator.amazonses.com', status: '5.1.1' },
          ],
        },
      },
      { bounce: { bounceSubType: 'Suppressed' } },
    ]);
    expect(of('Complaint')).toMatchObject([
      {
        complaint: {
          complainedRecipients: [{ emailAddress: 'complaint@simulator.amazonses.com' }],
          complaintFeedbackType: 'abuse',
        },
      },
    ]);
  });

  test('report that a virus was rejected, and nothing is delivered', async () => {
    await verified('example.com');
    const virus = `${MAIL}X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*\r\n`;
    const { MessageId } = await send(virus, { ConfigurationSetName: 'mail' });
    await eventsArrive(2);
    expect(eventTypes()).toEqual(['Send', 'Reject']);
    expect(readdirSync(outbox())).toEqual([`${MessageId}.eml`]);
  });

  test('come after a restart if they did not before, and again if no receiver took them', async () => {
    await verified('example.com');
    publishFailures = 1;
    await send(MAIL, { ConfigurationSetName: 'mail' });
    await expect.poll(() => publishFailures).toBe(0);
    expect(published).toEqual([]);
    await stop();
    await start();
    await eventsArrive(2);
    expect(eventTypes()).toEqual(['Send', 'Delivery']);
    await stop();
    await start();
    now += 1000;
    expect(eventTypes()).toEqual(['Send', 'Delivery']);
  });

  test('are none without a configuration set, and wait while they are held', async () => {
    await verified('example.com');
    ses.plantFaults({ holdEvents: true });
    await send(MAIL);
    await send(MAIL, { ConfigurationSetName: 'mail' });
    now += 1000;
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(published).toEqual([]);
    await eventsArrive(2);
  });
});

describe('faults and rates', () => {
  test.each<[SendFault, string, number]>([
    ['throttle', 'Throttling', 0],
    ['drop-before', 'TimeoutError', 0],
    ['drop-after', 'TimeoutError', 1],
    ['fail-before', 'ServiceUnavailable', 0],
    ['fail-after', 'ServiceUnavailable', 1],
  ])('%s answers with %s and accepts %i', async (fault, name, accepted) => {
    await verified('example.com');
    ses.plantFaults({ sends: ['none', fault] });
    await send(MAIL);
    expect((await refusal(send(MAIL))).name).toBe(name);
    expect(ses.sends()).toHaveLength(1 + accepted);
    await send(MAIL);
    expect(ses.sends()).toHaveLength(2 + accepted);
  });

  test('an answer may come late, after the mail was accepted', async () => {
    await verified('example.com');
    ses.plantFaults({ delayAfterMs: 300 });
    const abort = AbortSignal.timeout(100);
    const command = new SendRawEmailCommand({
      Source: 'a@example.com',
      Destinations: ['b@example.org'],
      RawMessage: { Data: Buffer.from(MAIL) },
    });
    await refusal(client.send(command, { abortSignal: abort }));
    expect(ses.sends()).toHaveLength(1);
  });

  test('control calls are one a second when asked, and sending is not among them', async () => {
    await stop();
    await start({ controlRate: 1 });
    await verify('example.com');
    expect((await refusal(verify('example.com'))).name).toBe('Throttling');
    now += 1000;
    await verified('example.com');
    await send(MAIL);
    await send(MAIL);
  });

  test('recipients are limited by the second when asked', async () => {
    await stop();
    await start({ sendRate: 10 });
    await verified('example.com');
    const Destinations = Array.from({ length: 20 }, (_, index) => `r${index}@example.org`);
    await send(MAIL, { Destinations });
    expect(await refusal(send(MAIL))).toEqual({
      name: 'Throttling',
      message: 'Maximum sending rate exceeded.',
    });
    now += 1000;
    expect((await refusal(send(MAIL))).name).toBe('Throttling');
    now += 1000;
    await send(MAIL);
  });
});

describe('the outbox after a crash', () => {
  test('has the files of messages in the journal, and no others', () => {
    const directory = join(stateDir, 'crashed');
    const write = new Outbox(directory, () => true);
    write.stage('kept', Buffer.from('one'), Buffer.from('two'));
    write.stage('lost', Buffer.from('three'), undefined);
    expect(readdirSync(directory)).toHaveLength(3);
    const again = new Outbox(directory, (messageId) => messageId === 'kept');
    expect(again).toBeDefined();
    expect(readdirSync(directory).sort()).toEqual(['kept.delivered.eml', 'kept.eml']);
    expect(readFileSync(join(directory, 'kept.eml'), 'utf8')).toBe('one');
  });
});
