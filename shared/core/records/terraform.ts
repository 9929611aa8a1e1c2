import type { DomainName } from '../model/names.ts';
import { manualSteps, printable } from './exported-record.ts';
import type { RemainingChange } from './remaining-change.ts';

/** Seconds. */
const TTL = 3600;
const MAX_STRING = 255;

/**
 * What remains to be done as Terraform: a map that any provider's resource can be made from, and that
 * resource for Route 53. A record set that is there is overwritten only with all of its values that
 * stay. A record that takes the place of one of another type is a comment, since Terraform does not
 * delete what it did not create.
 */
export function terraform(domain: DomainName, changes: readonly RemainingChange[]): string {
  return [
    `# DNS records for ${domain} that remain to be created.`,
    '# Keep the files of earlier exports: Terraform destroys what is in none of your files.',
    '# For another DNS provider than Route 53, put its resource in the place of aws_route53_record.',
    '',
    'variable "zone_id" {',
    '  type        = string',
    `  description = "The hosted zone of ${domain}"`,
    '}',
    '',
    'locals {',
    '  sender_domain_records = {',
    ...part(
      'Required',
      changes.filter(({ record }) => record.required),
    ),
    ...part(
      'Recommended',
      changes.filter(({ record }) => !record.required),
    ),
    '  }',
    '}',
    '',
    ...resource('var.zone_id'),
  ].join('\n');
}

const part = (title: string, changes: readonly RemainingChange[]): string[] =>
  changes.length === 0 ? [] : [`    # ${title}`, ...changes.flatMap(entry)];

const resource = (zone: string): string[] => [
  'resource "aws_route53_record" "sender_domain" {',
  '  for_each = local.sender_domain_records',
  '',
  `  zone_id = ${zone}`,
  '  name    = each.value.name',
  '  type    = each.value.type',
  '  ttl     = each.value.ttl',
  '  # The provider puts a TXT value into quotes itself, but splits none that is over 255 characters.',
  `  records = [for value in each.value.values : each.value.type == "TXT" ? join("\\"\\"", regexall(".{1,${MAX_STRING}}", value)) : value]`,
  '  # Where the set exists, these are all of its values, and ours.',
  '  allow_overwrite = each.value.overwrite',
  '',
  '  lifecycle {',
  '    prevent_destroy = true',
  '  }',
  '}',
  '',
];

/** The domains of one part of a list, and what the part is: whose DNS it is in, and who runs it. */
export interface TerraformPart {
  readonly title: string;
  readonly domains: readonly {
    readonly domain: DomainName;
    readonly changes: readonly RemainingChange[];
  }[];
}

/**
 * What remains to be done for any number of domains as one Terraform file: the map that
 * `terraform` writes for one, with the zone of each domain in a variable.
 */
export const terraformOfMany = (parts: readonly TerraformPart[]): string =>
  [
    '# DNS records that remain to be created, by DNS provider and contact.',
    '# Keep the files of earlier exports: Terraform destroys what is in none of your files.',
    '',
    'variable "zone_ids" {',
    '  type        = map(string)',
    '  description = "The hosted zone of each domain, by the domain"',
    '}',
    '',
    'locals {',
    '  sender_domain_records = {',
    ...parts.flatMap(({ title, domains }) => [
      `    # ${printable(title)}`,
      ...domains.flatMap(({ domain, changes }) =>
        changes.flatMap((one) =>
          entryOf(one, `${domain}/${one.record.id}`, [`      domain    = ${quoted(domain)}`]),
        ),
      ),
    ]),
    '  }',
    '}',
    '',
    ...resource('var.zone_ids[each.value.domain]'),
  ].join('\n');

const entry = (remaining: RemainingChange): string[] => entryOf(remaining, remaining.record.id, []);

/**
 * One record of the map.
 *
 * @param key of the map
 * @param more lines of the entry
 */
function entryOf(remaining: RemainingChange, key: string, more: readonly string[]): string[] {
  const { id, why } = remaining.record;
  const head = [
    `    # ${why}`,
    ...manualSteps(remaining).map((step) => `    # ${quotedInComment(id, step)}`),
  ];
  const set = setAfter(remaining);
  if (set === undefined) return head;
  const { name, type } = remaining.record;
  const lines = [
    `    ${quoted(key)} = {`,
    ...more,
    `      name      = ${quoted(name)}`,
    `      type      = ${quoted(type)}`,
    `      ttl       = ${set.ttl}`,
    `      values    = [${set.values.map(quoted).join(', ')}]`,
    `      overwrite = ${set.overwrite}`,
    '    }',
  ];
  return [...head, ...lines];
}

const quotedInComment = (id: string, step: string): string => `${printable(id)}: ${step}`;

interface SetAfter {
  readonly ttl: number;
  readonly values: readonly string[];
  readonly overwrite: boolean;
}

/** The whole record set once the change is made; undefined where Terraform cannot make it. */
function setAfter({ record, change }: RemainingChange): SetAfter | undefined {
  const { type, value } = record;
  switch (change.action) {
    case 'by-hand':
      return undefined;
    case 'create':
      return { ttl: TTL, values: [value], overwrite: false };
    case 'add': {
      const { values, ttl = TTL } = change.present;
      const kept = values.filter((_, index) => !change.replaced.includes(index));
      return { ttl, values: [...new Set([...kept, value])], overwrite: true };
    }
    case 'replace':
      return change.present.type === type
        ? { ttl: change.present.ttl ?? TTL, values: [value], overwrite: true }
        : undefined;
  }
}

/** A string of HCL: a dollar or percent sign before a brace would begin a template. */
function quoted(text: string): string {
  const escaped = text
    .replaceAll(/["\\]/g, String.raw`\$&`)
    .replaceAll(/[^ -~]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, '0')}`)
    .replaceAll(/[$%](?=\{)/g, '$&$&');
  return `"${escaped}"`;
}
