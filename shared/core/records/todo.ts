import type { ContactDetails } from '../model/contact.ts';
import type { DomainName, TenantId } from '../model/names.ts';
import { manualSteps } from './exported-record.ts';
import type { RemainingChange } from './remaining-change.ts';
import { route53ChangeBatch, type ChangeBatch } from './route53-export.ts';
import { terraformOfMany } from './terraform.ts';

/** What remains to be done for a domain, in whose DNS, and by whom. */
export interface TodoDomain {
  readonly tenant: TenantId;
  /** The id that the tenant has at its platform. */
  readonly externalId?: string | undefined;
  readonly domain: DomainName;
  /** Who runs its DNS, where it is a known provider. */
  readonly provider: string | undefined;
  readonly contact: ContactDetails | undefined;
  readonly changes: readonly RemainingChange[];
}

/** The domains that one contact has to do at one DNS provider. */
export interface TodoGroup {
  readonly provider: string | undefined;
  readonly contact: ContactDetails | undefined;
  readonly domains: readonly TodoDomain[];
}

const nameOf = (provider: string | undefined): string => provider ?? 'unknown DNS provider';
const writtenTo = (contact: ContactDetails | undefined): string => contact?.email ?? 'no contact';

const known = (text: string | undefined): string => text ?? '\uffff';

/** Groups domains by DNS provider and contact, both by name; what is not known comes last. */
export function todoGroups(domains: readonly TodoDomain[]): TodoGroup[] {
  const groups = Map.groupBy(domains, ({ provider, contact }) =>
    JSON.stringify([provider ?? null, contact?.email ?? null]),
  );
  return [...groups.values()]
    .map((some): TodoGroup => {
      const [{ provider, contact }] = some as [TodoDomain];
      return { provider, contact, domains: some };
    })
    .toSorted(
      (one, other) =>
        known(one.provider).localeCompare(known(other.provider)) ||
        known(one.contact?.email).localeCompare(known(other.contact?.email)),
    );
}

const columns = [
  'provider',
  'contact',
  'contactName',
  'language',
  'externalId',
  'domain',
  'id',
  'name',
  'type',
  'value',
  'required',
  'status',
  'note',
];

/** What remains to be done as CSV (RFC 4180) in UTF-8, a record a row, group by group. */
export const todoCsv = (groups: readonly TodoGroup[]): string =>
  [columns, ...groups.flatMap(({ domains }) => domains.flatMap(rowsOf))]
    .map((fields) => `${fields.map(field).join(',')}\r\n`)
    .join('');

const rowsOf = ({ provider, contact, externalId, domain, changes }: TodoDomain): string[][] =>
  changes.map((one) => {
    const { id, name, type, value, required, status, hint } = one.record;
    const isManual = one.change.action === 'by-hand';
    return [
      provider ?? '',
      contact?.email ?? '',
      contact?.name ?? '',
      contact?.language ?? '',
      externalId ?? '',
      domain,
      id,
      name,
      type,
      isManual ? '' : value,
      required ? 'yes' : 'no',
      status,
      manualSteps(one).join(' ') || (hint ?? ''),
    ];
  });

/** Also what a spreadsheet would take for a formula is a text. */
function field(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** What remains to be done as one Terraform file, a comment at the head of each group. */
export const todoTerraform = (groups: readonly TodoGroup[]): string =>
  terraformOfMany(
    groups.map(({ provider, contact, domains }) => ({
      title: `${nameOf(provider)}, ${writtenTo(contact)}`,
      domains,
    })),
  );

/** Change batches for Route 53, one for each domain, group by group. */
export const todoRoute53 = (
  groups: readonly TodoGroup[],
): {
  readonly provider: string | null;
  readonly contact: string | null;
  readonly batches: readonly { readonly domain: DomainName; readonly changeBatch: ChangeBatch }[];
}[] =>
  groups.map(({ provider, contact, domains }) => ({
    provider: provider ?? null,
    contact: contact?.email ?? null,
    batches: domains.map(({ domain, changes }) => ({
      domain,
      changeBatch: route53ChangeBatch(domain, changes),
    })),
  }));
