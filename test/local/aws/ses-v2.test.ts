import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SESClient, VerifyDomainIdentityCommand } from '@aws-sdk/client-ses';
import {
  GetAccountCommand,
  SendEmailCommand,
  SESv2Client,
  type SendEmailCommandInput,
} from '@aws-sdk/client-sesv2';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { AwsCall } from '../../../local/aws/call.ts';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { createSes, type SendFault, type Ses } from '../../../local/aws/ses.ts';
import type { SesEvent } from '../../../local/aws/ses-events.ts';
import {
  ACCOUNT,
  REGION,
  clientConfig,
  gatewayFor,
  refusal,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

const MAIL = 'From: a@example.com\r\nTo: b@example.org\r\nMIME-Version: 1.0\r\n\r\nHello\r\n';

let stateDir: string;
let ses: Ses;
let gateway: Gateway;
let client: SESv2Client;
let events: SesEvent[];
let asked: AwsCall[];
let denied: string | undefined;

beforeEach(async () => {
  stateDir = temporaryDirectory();
  events = [];
  asked = [];
  denied = undefined;
  const tokens: string[] = [];
  ses = createSes({
    stateDir,
    outbox: join(stateDir, 'outbox'),
    region: REGION,
    accountId: ACCOUNT,
    resolve: (name, type) => ({
      rcode: 'NOERROR',
      answers:
        name === '_amazonses.example.com' && type === 'TXT'
          ? tokens.map((data) => ({ type, name, ttl: 60, data: Buffer.from(data) }))
          : [],
      authorities: [],
    }),
    publish: async (event) => void events.push(event),
    log: () => {},
  });
  ses.putConfigurationSet('mail');
  gateway = await gatewayFor(
    { ses: ses.handle },
    {
      authorize: (_, call) => {
        asked.push(call);
        return call.action === denied
          ? { allowed: false, reason: 'no policy allows it' }
          : { allowed: true };
      },
    },
  );
  client = new SESv2Client(clientConfig(gateway));
  const v1 = new SESClient(clientConfig(gateway));
  const command = new VerifyDomainIdentityCommand({ Domain: 'example.com' });
  tokens.push((await v1.send(command)).VerificationToken!);
  asked = [];
});

afterEach(async () => {
  client.destroy();
  await gateway.close();
  await ses.close();
  remove(stateDir);
});

const send = (more: Partial<SendEmailCommandInput> = {}, raw = MAIL) =>
  client.send(
    new SendEmailCommand({
      Content: { Raw: { Data: Buffer.from(raw, 'latin1') } },
      FromEmailAddress: 'bounces@example.com',
      Destination: { ToAddresses: ['b@example.org'] },
      ...more,
    }),
  );

describe('SendEmail', () => {
  test('puts the very octets into the outbox; identities of v1 send; tags come back', async () => {
    const { MessageId: id } = await send({
      ConfigurationSetName: 'mail',
      EmailTags: [{ Name: 'tenant', Value: 't_a' }],
    });
    expect(readFileSync(join(stateDir, 'outbox', `${id}.eml`), 'latin1')).toBe(MAIL);
    await expect.poll(() => events.map(({ eventType }) => eventType)).toContain('Delivery');
    expect(events[0]?.mail['tags']).toMatchObject({
      tenant: ['t_a'],
      'ses:configuration-set': ['mail'],
    });
  });

  test('To, Cc and Bcc of Destination are all recipients, the header names none', async () => {
    const Destination = { ToAddresses: ['a@x.org'], CcAddresses: ['b@x.org'] };
    await send({ Destination: { ...Destination, BccAddresses: ['c@x.org'] } });
    expect(ses.sends().at(-1)?.destinations).toEqual(['a@x.org', 'b@x.org', 'c@x.org']);
  });

  test('needs both rights, for the identity and the configuration set', async () => {
    await send({ ConfigurationSetName: 'mail' });
    const prefix = `arn:aws:ses:${REGION}:${ACCOUNT}:`;
    expect(asked.map(({ action, resource }) => `${action} ${resource}`)).toEqual([
      `ses:SendEmail ${prefix}identity/example.com`,
      `ses:SendEmail ${prefix}configuration-set/mail`,
      `ses:SendRawEmail ${prefix}identity/example.com`,
      `ses:SendRawEmail ${prefix}configuration-set/mail`,
    ]);
    for (const right of ['ses:SendEmail', 'ses:SendRawEmail']) {
      denied = right;
      expect((await refusal(send())).name).toBe('AccessDeniedException');
    }
    expect(ses.sends()).toHaveLength(1);
  });

  test.each<[string, string, Partial<SendEmailCommandInput>, string?]>([
    ['BadRequestException', 'two signatures', {}, `DKIM-Signature: a\r\nDKIM-Signature: b\r\n`],
    ['BadRequestException', 'an 8-bit field', {}, 'Subject: \xe9\r\n'],
    [
      'BadRequestException',
      '51 recipients',
      { Destination: { ToAddresses: Array.from({ length: 51 }, (_, i) => `r${i}@example.org`) } },
    ],
    ['BadRequestException', 'a wrong tag', { EmailTags: [{ Name: 'a b', Value: 'c' }] }],
    [
      'BadRequestException',
      'a parameter we have not',
      { FeedbackForwardingEmailAddress: 'a@example.com' },
    ],
    ['MessageRejected', 'an identity not verified', { FromEmailAddress: 'a@other.example' }],
    ['NotFoundException', 'no such configuration set', { ConfigurationSetName: 'other' }],
  ])('%s for %s; nothing is accepted', async (name, _, more, header = '') => {
    expect((await refusal(send(more, header + MAIL))).name).toBe(name);
    expect(ses.sends()).toEqual([]);
  });

  test.each<[SendFault, string, number]>([
    ['throttle', 'TooManyRequestsException', 0],
    ['fail-before', 'InternalServiceErrorException', 0],
    ['fail-after', 'InternalServiceErrorException', 1],
  ])('planted %s: %s, %i accepted', async (fault, name, accepted) => {
    ses.plantFaults({ sends: [fault] });
    expect((await refusal(send())).name).toBe(name);
    expect(ses.sends()).toHaveLength(accepted);
  });

  test('an operation it has not is an error, not a success', async () => {
    const response = await fetch(`${gateway.url}/v2/email/identities`, {
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/${REGION}/ses/aws4_request, SignedHeaders=host, Signature=none`,
      },
    });
    expect(response.status).toBe(404);
    expect(response.headers.get('x-amzn-errortype')).toBe('NotFoundException');
  });
});

const to = (...ToAddresses: string[]) => send({ Destination: { ToAddresses } });

test('in the sandbox mail goes to verified addresses and the simulator only', async () => {
  ses.putSandbox(true);
  expect(await refusal(to('b@example.org', 'a@example.com'))).toEqual({
    name: 'MessageRejected',
    message: expect.stringMatching(/not verified.*: b@example\.org$/) as string,
  });
  await to('a@example.com', 'success@simulator.amazonses.com');
  const { ProductionAccessEnabled } = await client.send(new GetAccountCommand({}));
  expect(ProductionAccessEnabled).toBe(false);
  ses.putSandbox(false);
  await to('b@example.org');
});

test('GetAccount returns the quota, and that the account may send to everybody', async () => {
  await send();
  expect(await client.send(new GetAccountCommand({}))).toMatchObject({
    ProductionAccessEnabled: true,
    SendQuota: { SentLast24Hours: 1 },
  });
  expect(asked.at(-1)).toMatchObject({ action: 'ses:GetAccount', resource: '*' });
});
