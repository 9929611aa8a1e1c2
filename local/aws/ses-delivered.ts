import { createHash, createSign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import type { HeaderField, RawMessage } from './ses-message.ts';

export interface Delivery {
  readonly messageId: string;
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly region: string;
  /** The domain of the return path: the custom MAIL FROM, or SES's own. */
  readonly mailFromDomain: string;
  readonly dkim: { readonly selector: string; readonly privateKey: KeyObject };
}

/** The domain that SES signs with itself. */
export const SES_DOMAIN = 'amazonses.com';

/** The fields that SES replaces: its own values are at the end of the header. */
const REPLACED = new Set(['date', 'message-id', 'return-path', 'feedback-id']);

/** The domain of SES's message ids: `email` in its first region. */
export const messageIdDomain = (region: string): string =>
  `${region === 'us-east-1' ? 'email' : region}.${SES_DOMAIN}`;

/** A date as RFC 5322 §3.3 wants it, in UTC. */
const mailDate = (at: number): string => new Date(at).toUTCString().replace('GMT', '+0000');

const field = (name: string, value: string): HeaderField => ({
  name,
  value,
  raw: `${name}: ${value}\r\n`,
});

const withCrlf = (raw: string): string => raw.replaceAll(/\r?\n/g, '\r\n');

/** Bare line event-source mappings become CRLF, as on the way out by SMTP. */
function bodyWithCrlf(body: Buffer): Buffer {
  const text = body.toString('latin1');
  return /(?<!\r)\n/.test(text) ? Buffer.from(withCrlf(text), 'latin1') : body;
}

/** relaxed (RFC 6376 §3.4.2) */
const relaxed = ({ name, value }: HeaderField): string =>
  `${name.toLowerCase()}:${value.replaceAll(/[ \t]+/g, ' ').trim()}\r\n`;

/** simple (RFC 6376 §3.4.3): no more than one CRLF at the end, and no less. */
function simpleBodyHash(body: Buffer): string {
  let end = body.length;
  while (end >= 2 && body[end - 1] === 0x0a && body[end - 2] === 0x0d) end -= 2;
  return createHash('sha256').update(body.subarray(0, end)).update('\r\n').digest('base64');
}

const SIGNED = ['from', 'to', 'subject', 'mime-version', 'content-type', 'message-id', 'date'];

/** SES's own signature (RFC 6376): relaxed/simple, rsa-sha256, d=amazonses.com. */
function sesSignature(
  fields: readonly HeaderField[],
  body: Buffer,
  delivery: Delivery,
): HeaderField {
  const names = [...SIGNED, 'feedback-id'];
  const signed = names.flatMap(
    (name) => fields.findLast((candidate) => candidate.name.toLowerCase() === name) ?? [],
  );
  const tags = [
    'v=1',
    'a=rsa-sha256',
    'q=dns/txt',
    'c=relaxed/simple',
    `s=${delivery.dkim.selector}`,
    `d=${SES_DOMAIN}`,
    `t=${Math.floor(delivery.at / 1000)}`,
    `h=${signed.map(({ name }) => name).join(':')}`,
    `bh=${simpleBodyHash(body)}`,
    'b=',
  ].join('; ');
  const unsigned = field('DKIM-Signature', tags);
  const signer = createSign('sha256');
  for (const each of signed) signer.update(relaxed(each));
  signer.update(relaxed(unsigned).slice(0, -2));
  const signature = signer.sign(delivery.dkim.privateKey, 'base64');
  return field('DKIM-Signature', tags + signature);
}

function feedbackId(region: string): string {
  const account = createHash('sha256').update(region).digest('base64');
  return `::1.${region}.${account}:AmazonSES`;
}

/** The message as its receivers get it from SES: the body as it was, the header with SES's own fields. */
export function deliveredMessage(message: RawMessage, delivery: Delivery): Buffer {
  const { at, messageId, region } = delivery;
  const kept = message.fields
    .filter(({ name }) => !REPLACED.has(name.toLowerCase()))
    .map((each) => ({
      ...each,
      raw: withCrlf(each.raw.endsWith('\n') ? each.raw : `${each.raw}\n`),
    }));
  const mimeVersion = kept.some(({ name }) => name.toLowerCase() === 'mime-version')
    ? []
    : [field('MIME-Version', '1.0')];
  const fields = [
    ...kept,
    ...mimeVersion,
    field('Message-ID', `<${messageId}@${messageIdDomain(region)}>`),
    field('Date', mailDate(at)),
    field('Feedback-ID', feedbackId(region)),
    field(
      'X-SES-Outgoing',
      `${new Date(at).toISOString().slice(0, 10).replaceAll('-', '.')}-127.0.0.1`,
    ),
  ];
  const body = bodyWithCrlf(message.body);
  const transport = [
    field('Return-Path', `<${messageId}@${delivery.mailFromDomain}>`),
    field(
      'Received',
      `from a1-1.smtp-out.${region}.${SES_DOMAIN} (127.0.0.1) by local.invalid with ESMTPS id ${messageId}; ${mailDate(at)}`,
    ),
    sesSignature(fields, body, delivery),
  ];
  const header = [...transport, ...fields].map(({ raw }) => raw).join('');
  return Buffer.concat([Buffer.from(`${header}\r\n`, 'latin1'), body]);
}
