import { generateKeyPairSync, type KeyObject } from 'node:crypto';
import { GetAccountCommand, SendEmailCommand } from '@aws-sdk/client-sesv2';
import { sesProfile } from '#shared/core/dkim/profile.ts';
import { signMessage } from '#shared/core/dkim/sign.ts';
import { parseMessage } from '#shared/core/mail/parse.ts';
import { type Bytes, type Check, demand } from './check.ts';
import type { Lab } from './lab.ts';

/** Milliseconds, and a little more. */
const SECOND = 1_100;
const SIMULATOR = 'success@simulator.amazonses.com';

const rawMail = (domain: string, body = 'A test.\r\n'): Buffer =>
  Buffer.from(
    [
      `From: live-check@${domain}`,
      `To: ${SIMULATOR}`,
      'Subject: live-check',
      'MIME-Version: 1.0',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: 8bit',
      '',
      body,
    ].join('\r\n'),
  );

let key: KeyObject | undefined;

/** Signs with a key that nobody publishes: the exit does not verify, receivers do. */
function signed(raw: Buffer, domain: string, selector: string): Buffer {
  key ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const time = Math.floor(Date.now() / 1_000);
  const field = signMessage(parseMessage(raw), {
    domain,
    selector,
    key,
    profile: sesProfile,
    time,
  });
  return Buffer.concat([Buffer.from(field), raw]);
}

async function send({ sesV2 }: Lab, bytes: Bytes, from: string, raw: Buffer): Promise<string> {
  const { MessageId: id = '' } = await bytes.of(
    `SendEmail of ${raw.length} octets from ${from}`,
    () =>
      sesV2.send(
        new SendEmailCommand({
          FromEmailAddress: from,
          Destination: { ToAddresses: [SIMULATOR] },
          Content: { Raw: { Data: raw } },
        }),
      ),
  );
  return id;
}

const bounces = ({ domain }: Lab): string => `bounces@${domain}`;

export const sending = {
  account: {
    line: "GetAccount has the account's send rate and daily quota.",
    async run({ sesV2, sleep }, bytes) {
      // One control call a second, of either version of SES.
      await sleep(SECOND);
      const { SendQuota: quota } = await bytes.of('GetAccount', () =>
        sesV2.send(new GetAccountCommand({})),
      );
      demand((quota?.MaxSendRate ?? 0) > 0, `The send rate is ${quota?.MaxSendRate}.`);
      demand(quota?.Max24HourSend !== undefined, 'There is no daily quota.');
    },
  },
  'v1-identity-sends-by-v2': {
    line: 'A domain that SES v1 verified sends raw mail by v2.',
    row: 'Identities made by SES v1',
    async run(lab, bytes) {
      const id = await send(lab, bytes, bounces(lab), rawMail(lab.domain));
      demand(id !== '', 'SES gave no message id.');
    },
  },
  'signed-once': {
    line: 'SES takes a mail that has our DKIM signature.',
    async run(lab, bytes) {
      const raw = signed(rawMail(lab.domain), lab.domain, 'live-check');
      demand((await send(lab, bytes, bounces(lab), raw)) !== '', 'SES gave no message id.');
    },
  },
  'signed-twice': {
    line: 'SES refuses a mail with two DKIM signatures, so that it is never delivered unsigned.',
    row: 'SES v2 refuses a second `DKIM-Signature`',
    async run(lab, bytes) {
      const once = signed(rawMail(lab.domain), lab.domain, 'one');
      await bytes.refused(
        'SendEmail with two signatures',
        ['BadRequestException', 'MessageRejected'],
        () => send(lab, bytes, bounces(lab), signed(once, lab.domain, 'two')),
      );
    },
  },
  'eight-bit': {
    line: 'SES takes an 8-bit body.',
    async run(lab, bytes) {
      const id = await send(lab, bytes, bounces(lab), rawMail(lab.domain, 'Grüße.\r\n'));
      demand(id !== '', 'SES gave no message id.');
    },
  },
  'unverified-from': {
    line: 'SES refuses mail from a domain that it has not verified.',
    async run(lab, bytes) {
      const domain = `${lab.fresh}.invalid`;
      await bytes.refused(
        `SendEmail from ${domain}`,
        ['MessageRejected', 'MailFromDomainNotVerifiedException'],
        () => send(lab, bytes, `bounces@${domain}`, rawMail(domain)),
      );
    },
  },
} as const satisfies Readonly<Record<string, Check>>;
