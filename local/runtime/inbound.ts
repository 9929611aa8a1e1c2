import { randomBytes } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { DnsServer } from '../dns/server.ts';
import { callQuery, type Caller } from './aws-call.ts';
import type { DeclaredReceiptRule, Deployment } from './deployment.ts';

/** Mail that a sender hands to SES by SMTP. */
export interface InboundMail {
  readonly raw: Buffer;
  /** Envelope recipient. */
  readonly recipient: string;
  /** MAIL FROM; empty for a bounce. */
  readonly mailFrom: string;
  /** The address that connects. */
  readonly ip: string;
  readonly helo: string;
}

type Verdict = 'PASS' | 'FAIL' | 'GRAY' | 'PROCESSING_FAILED';

/** Checks the SPF of a mail by the DNS server at this port of 127.0.0.1, and gives SES's verdict. */
export type SpfCheck = (mail: Omit<InboundMail, 'raw'>, dnsPort: number) => Promise<Verdict>;

/** The host where SES takes mail in, in a region. */
const inboundHost = (region: string): string => `inbound-smtp.${region}.amazonaws.com`;

/**
 * Takes mail in as SES does, stores it, and publishes its notification. The rule set that the
 * templates declare counts as active; on AWS an operator activates it.
 *
 * @param checkSpf absent: SES has no verdict
 */
export function inboundChannel(
  deployment: Deployment,
  operator: Caller,
  dns: Pick<DnsServer, 'port' | 'resolve'>,
  checkSpf?: SpfCheck,
): (mail: InboundMail) => Promise<void> {
  const s3 = new S3Client({
    endpoint: operator.endpoint,
    region: operator.region,
    forcePathStyle: true,
    credentials: { accessKeyId: operator.accessKeyId, secretAccessKey: 'local' },
  });
  return async (mail) => {
    const rule = ruleFor(mail, deployment, operator.region, dns);
    const messageId = randomBytes(20).toString('hex');
    const spf = (await checkSpf?.(mail, dns.port)) ?? 'GRAY';
    const stored = Buffer.concat([traceHeader(mail, messageId, spf, operator.region), mail.raw]);
    const key = `${rule.prefix}${messageId}`;
    await s3.send(new PutObjectCommand({ Bucket: rule.bucket, Key: key, Body: stored }));
    await callQuery(operator, 'sns', {
      Action: 'Publish',
      TopicArn: rule.topicArn,
      Message: JSON.stringify(notification(mail, rule, messageId, spf)),
    });
  };
}

/**
 * Returns the rule that takes a mail, which its sender finds by the MX of its recipient's domain.
 *
 * @throws Error as the sender's server would get it
 */
function ruleFor(
  { recipient }: InboundMail,
  { receiptRules, emailIdentities }: Deployment,
  region: string,
  dns: Pick<DnsServer, 'resolve'>,
): DeclaredReceiptRule {
  const host = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase();
  const exchanges = dns.resolve(host, 'MX').answers.filter((record) => record.type === 'MX');
  if (!exchanges.some(({ data }) => data.exchange === inboundHost(region))) {
    throw new Error(`the MX of ${host} does not lead to ${inboundHost(region)}`);
  }
  for (const { name, value } of emailIdentities.get(host) ?? []) {
    const proof = dns.resolve(name, 'CNAME').answers;
    if (!proof.some((record) => record.type === 'CNAME' && record.data === value)) {
      throw new Error(`${host} is no verified identity of SES`);
    }
  }
  const rule = receiptRules.find(({ recipients }) =>
    recipients.some((one) => matches(one, recipient)),
  );
  if (rule === undefined || !emailIdentities.has(host)) {
    throw new Error(`550 5.1.1 Requested action not taken: mailbox unavailable: ${recipient}`);
  }
  return rule;
}

/** A rule's recipient is an address, a domain, or `.domain` for all below it. */
function matches(pattern: string, recipient: string): boolean {
  const address = recipient.toLowerCase();
  if (pattern.includes('@')) return address === pattern;
  return pattern.startsWith('.') ? address.endsWith(pattern) : address.endsWith(`@${pattern}`);
}

/** Returns the trace that SES puts before a mail that it takes in. */
function traceHeader(
  { recipient, mailFrom, ip, helo }: InboundMail,
  messageId: string,
  spf: Verdict,
  region: string,
): Buffer {
  const date = new Date().toUTCString().replace('GMT', '+0000');
  return Buffer.from(
    [
      `Return-Path: <${mailFrom}>`,
      `Received: from ${helo} (${helo} [${ip}])`,
      ` by ${inboundHost(region)} with SMTP id ${messageId}`,
      ` for ${recipient};`,
      ` ${date} (UTC)`,
      `Received-SPF: ${spf.toLowerCase()} client-ip=${ip}; envelope-from=${mailFrom}; helo=${helo};`,
      '',
    ].join('\r\n'),
  );
}

function notification(
  { recipient, mailFrom }: InboundMail,
  { bucket, prefix, topicArn }: DeclaredReceiptRule,
  messageId: string,
  spf: Verdict,
): object {
  const timestamp = new Date().toISOString();
  const unchecked = { status: 'DISABLED' };
  return {
    notificationType: 'Received',
    mail: { timestamp, source: mailFrom, messageId, destination: [recipient] },
    receipt: {
      timestamp,
      processingTimeMillis: 1,
      recipients: [recipient],
      spamVerdict: unchecked,
      virusVerdict: unchecked,
      spfVerdict: { status: spf },
      dkimVerdict: { status: 'GRAY' },
      dmarcVerdict: { status: 'GRAY' },
      action: {
        type: 'S3',
        topicArn,
        bucketName: bucket,
        objectKeyPrefix: prefix,
        objectKey: `${prefix}${messageId}`,
      },
    },
  };
}
