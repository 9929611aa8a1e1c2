import type { DomainName } from '../model/names.ts';
import { replacedBy, whyEmpty, type ExportedRecord } from './exported-record.ts';

/** Seconds. */
const TTL = 3600;
const MAX_STRING = 255;

/**
 * The customer's records as Terraform: a map that any provider's resource can be made from, and that
 * resource for Route 53. Records without a value are comments.
 */
export function terraform(domain: DomainName, records: readonly ExportedRecord[]): string {
  return [
    `# DNS records for ${domain}.`,
    '# For another DNS provider than Route 53, put its resource in the place of aws_route53_record.',
    '',
    'variable "zone_id" {',
    '  type        = string',
    `  description = "The hosted zone of ${domain}"`,
    '}',
    '',
    'locals {',
    '  sender_domain_records = {',
    ...records.flatMap(entry),
    '  }',
    '}',
    '',
    'resource "aws_route53_record" "sender_domain" {',
    '  for_each = local.sender_domain_records',
    '',
    '  zone_id = var.zone_id',
    '  name    = each.value.name',
    '  type    = each.value.type',
    `  ttl     = ${TTL}`,
    '  # The provider puts a TXT value into quotes itself, but splits none that is over 255 characters.',
    `  records = [each.value.type == "TXT" ? join("\\"\\"", regexall(".{1,${MAX_STRING}}", each.value.value)) : each.value.value]`,
    '}',
    '',
  ].join('\n');
}

function entry(record: ExportedRecord): string[] {
  const { id, name, type, value, why } = record;
  const comment = `    # ${why}`;
  if (!value) {
    return [
      comment,
      `    # ${quoted(id)} (${type} at ${name}) has no value here. ${whyEmpty(record)}`,
    ];
  }
  return [
    comment,
    ...replacedBy(record).map((text) => `    # To take the place of: ${text}`),
    `    ${quoted(id)} = {`,
    `      name  = ${quoted(name)}`,
    `      type  = ${quoted(type)}`,
    `      value = ${quoted(value)}`,
    '    }',
  ];
}

/** A string of HCL: a dollar or percent sign before a brace would begin a template. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(/[$%](?=\{)/g, '$&$&');
  return `"${escaped}"`;
}
