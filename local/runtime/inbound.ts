import { randomBytes } from 'node:crypto';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { dnsResolver, parseServers } from '#shared/adapters/dns/resolver.ts';
import { evaluateSpf } from '#shared/core/spf/evaluate.ts';
import type { Resolver } from '#shared/app/ports/resolver.ts';
import { callQuery, type Caller } from './aws-call.ts';
import type { DeclaredReceiptRule, Deployment } from './deployment.ts';

/** Mail that somebody hands to SES by SMTP. */
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

/** Where SES takes mail in, in a region. */
const inboundHost = (region: string): string => `inbound-smtp.${region}.amazonaws.com`;

/**
 * SES's door for mail, and what stands behind it: the rule set that the templates declare counts as
 * active, which an operator makes it.
 */
export function inboundDoor(
  deployment: Deployment,
  operator: Caller,
  dnsPort: number,
): (mail: InboundMail) => Promise<void> {
  const resolver = dnsResolver({
    resolvers: parseServers(`127.0.0.1:${dnsPort}`),
    authoritativePort: dnsPort,
  });
  const s3 = new S3Client({
    endpoint: operator.endpoint,
    region: operator.region,
    forcePathStyle: true,
    credentials: { accessKeyId: operator.accessKeyId, secretAccessKey: 'local' },
  });
  return async (mail) => {
    const rule = await ruleFor(mail, deployment, operator.region, resolver);
    const messageId = randomBytes(20).toString('hex');
    const spf = await spfVerdict(mail, resolver);
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
 * The rule that takes a mail, which its sender must find first: by the MX of its recipient's domain.
 *
 * @throws Error as the sender's server would be told
 */
async function ruleFor(
  { recipient }: InboundMail,
  { receiptRules, emailIdentities }: Deployment,
  region: string,
  resolver: Pick<Resolver, 'lookup'>,
): Promise<DeclaredReceiptRule> {
  const host = recipient.slice(recipient.lastIndexOf('@') + 1).toLowerCase();
  const mx = await resolver.lookup(host, 'MX');
  if (!mx.values.some((value) => value.endsWith(` ${inboundHost(region)}`))) {
    throw new Error(`the MX of ${host} does not lead to ${inboundHost(region)}`);
  }
  for (const { name, value } of emailIdentities.get(host) ?? []) {
    const proof = await resolver.lookup(name, 'CNAME');
    if (!proof.values.includes(value)) throw new Error(`${host} is no verified identity of SES`);
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

type Verdict = 'PASS' | 'FAIL' | 'GRAY' | 'PROCESSING_FAILED';

async function spfVerdict(
  { ip, helo, mailFrom }: InboundMail,
  resolver: Pick<Resolver, 'lookup'>,
): Promise<Verdict> {
  const epochSeconds = Math.floor(Date.now() / 1_000);
  const check = { ip, helo, mailFrom, receiver: 'inbound.local.invalid', epochSeconds };
  switch ((await evaluateSpf(check, (name, type) => resolver.lookup(name, type))).result) {
    case 'pass':
      return 'PASS';
    case 'fail':
    case 'softfail':
    case 'permerror':
      return 'FAIL';
    case 'none':
    case 'neutral':
      return 'GRAY';
    case 'temperror':
      return 'PROCESSING_FAILED';
  }
}

/** What SES puts before a mail that it takes in. */
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
