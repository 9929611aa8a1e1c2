import type * as z from 'zod';
import { SMTP_LABEL } from './smtp.ts';

/** The label of a claim is 26 characters; the longest hosted name has it between selector and shard. */
const LABEL_LENGTH = 26;
const DNS_NAME_LENGTH = 253;
/** The common name of a certificate (RFC 5280, appendix A.1). */
const CERTIFICATE_NAME_LENGTH = 64;
/** An SPF record and its name together (RFC 7208 §3.4). */
const SPF_LENGTH = 450;
const MAX_REPORTERS_LENGTH = 2_000;

/** The settings that depend on each other. */
interface Together {
  readonly smtp: { readonly enabled: boolean };
  readonly zone: string;
  readonly shards: number;
  readonly selectors: readonly string[];
  readonly senders: readonly string[];
  readonly reports: { readonly reporters: readonly string[] };
}

/** Checks what one setting leaves to another: room in a DNS name, a record, a function's variables. */
export function checkTogether(config: Together, context: z.core.$RefinementCtx): void {
  const selectors = new Set(config.selectors);
  if (selectors.size !== config.selectors.length) {
    context.addIssue({
      code: 'custom',
      path: ['selectors'],
      message: 'give three different selectors',
    });
  }
  const longest = Math.max(...config.selectors.map((selector) => selector.length));
  const room =
    DNS_NAME_LENGTH -
    (longest + '._domainkey.'.length + LABEL_LENGTH + `.s${config.shards}.`.length);
  if (config.zone.length > room) {
    context.addIssue({
      code: 'custom',
      path: ['zone'],
      message: `give a zone of at most ${room} characters, so that the names below it stay within ${DNS_NAME_LENGTH}`,
    });
  }
  if (config.smtp.enabled && `${SMTP_LABEL}.${config.zone}`.length > CERTIFICATE_NAME_LENGTH) {
    context.addIssue({
      code: 'custom',
      path: ['zone'],
      message: `give a zone of at most ${CERTIFICATE_NAME_LENGTH - `${SMTP_LABEL}.`.length} characters, or switch smtp off: the name of a certificate has at most ${CERTIFICATE_NAME_LENGTH}`,
    });
  }
  if (config.reports.reporters.join(',').length > MAX_REPORTERS_LENGTH) {
    context.addIssue({
      code: 'custom',
      path: ['reports', 'reporters'],
      message: `give fewer reporters: together at most ${MAX_REPORTERS_LENGTH} characters, since a function's variables must fit 4 KB`,
    });
  }
  const senders =
    SPF_LENGTH -
    ('_mailfrom.'.length + LABEL_LENGTH + `.s${config.shards}.`.length + config.zone.length) -
    'v=spf1  ~all'.length;
  if (config.senders.join(' ').length > senders) {
    context.addIssue({
      code: 'custom',
      path: ['senders'],
      message: `give fewer senders: together at most ${senders} characters, which leave the name of their record its part of ${SPF_LENGTH} (RFC 7208 §3.4)`,
    });
  }
}
