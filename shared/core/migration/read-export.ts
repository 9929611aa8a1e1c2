import { readCsv } from '../csv/read-csv.ts';
import { Refusal } from '../model/errors.ts';
import { parseDomainName, type DomainName } from '../model/names.ts';
import type { SuppressionReason } from '../model/suppression.ts';

/** The services whose exports are read. */
export const mailServices = ['sendgrid', 'mailgun', 'postmark', 'ses'] as const;
export type MailService = (typeof mailServices)[number];

interface ExportFormat {
  /** The field of an answer that has the list; absent: the answer is the list. */
  readonly domains?: string;
  readonly suppressions?: string;
  /** The field of an entry that has the domain, and the one with the address. */
  readonly domain: string;
  readonly address: string;
  /** The field with the reason; absent: each list has one reason. */
  readonly reason?: string;
  /** Returns true for entries that are domains. */
  readonly isDomain?: (entry: Entry) => boolean;
}

type Entry = Readonly<Record<string, unknown>>;

/** Each as the vendor's documentation of its API has it, November 2026. */
const formats: Readonly<Record<MailService, ExportFormat>> = {
  // GET /v3/whitelabel/domains; /v3/suppression/bounces, spam_reports, unsubscribes: bare lists.
  sendgrid: { domain: 'domain', address: 'email' },
  // GET /v4/domains; /v3/{domain}/bounces, complaints, unsubscribes.
  mailgun: { domains: 'items', suppressions: 'items', domain: 'name', address: 'address' },
  // GET /domains; /message-streams/{id}/suppressions/dump.
  postmark: {
    domains: 'Domains',
    suppressions: 'Suppressions',
    domain: 'Name',
    address: 'EmailAddress',
    reason: 'SuppressionReason',
  },
  // aws sesv2 list-email-identities; list-suppressed-destinations.
  ses: {
    domains: 'EmailIdentities',
    suppressions: 'SuppressedDestinationSummaries',
    domain: 'IdentityName',
    address: 'EmailAddress',
    reason: 'Reason',
    isDomain: (entry) => read(entry, 'IdentityType') === 'DOMAIN',
  },
};

/** Their words for why they do not send to an address, in lower case. */
const reasons: Readonly<Record<string, SuppressionReason>> = {
  hardbounce: 'bounce',
  bounce: 'bounce',
  spamcomplaint: 'complaint',
  complaint: 'complaint',
  manualsuppression: 'manual',
};

/**
 * Reads the domains of an account; each once.
 *
 * @throws Refusal `invalid-body` where the text is no such export; `domain-invalid`
 */
export function readDomains(service: MailService, text: string): DomainName[] {
  const { domains, domain, isDomain = () => true } = formats[service];
  const entries = entriesIn(text, domains).filter(isDomain);
  return [...new Set(entries.map((entry) => parseDomainName(required(entry, domain))))];
}

export interface ExportedSuppression {
  readonly address: string;
  readonly reason: SuppressionReason;
}

/**
 * Reads addresses that an account does not send to; each once.
 *
 * @param fallback the reason of entries that say none
 * @throws Refusal `invalid-body`
 */
export function readSuppressions(
  service: MailService,
  text: string,
  fallback: SuppressionReason,
): ExportedSuppression[] {
  const { suppressions, address, reason } = formats[service];
  const found = new Map<string, ExportedSuppression>();
  for (const entry of entriesIn(text, suppressions)) {
    const one = required(entry, address).trim().toLowerCase();
    const said = reason === undefined ? undefined : read(entry, reason);
    found.set(one, { address: one, reason: reasonOf(said, fallback) });
  }
  return [...found.values()];
}

function reasonOf(said: string | undefined, fallback: SuppressionReason): SuppressionReason {
  if (said === undefined || said === '') return fallback;
  const known = reasons[said.toLowerCase()];
  if (known !== undefined) return known;
  throw invalid(`"${said.slice(0, 40)}" is no reason that the service documents`);
}

/** One JSON answer, several one after the other (as a command that pages prints them), or CSV. */
function entriesIn(text: string, list: string | undefined): Entry[] {
  const trimmed = text.replace(/^\uFEFF/, '').trim();
  if (!/^[[{]/.test(trimmed)) return readCsv(trimmed).map(({ fields }) => fields);
  let answer: unknown;
  try {
    answer = JSON.parse(trimmed);
  } catch (error) {
    throw invalid(`it is neither JSON nor CSV: ${(error as Error).message.slice(0, 100)}`);
  }
  const pages = Array.isArray(answer) && list !== undefined ? (answer as unknown[]) : [answer];
  return pages.flatMap((page) => entriesOf(page, list));
}

function entriesOf(page: unknown, list: string | undefined): Entry[] {
  const entries = list === undefined ? page : (page as Entry | null)?.[list];
  if (Array.isArray(entries)) return entries as Entry[];
  throw invalid(
    list === undefined ? 'it is no list' : `it has no list "${list}", as the service's API answers`,
  );
}

/** A field by its name in any case: CSV has its columns in lower case. */
function read(entry: Entry, field: string): string | undefined {
  const value = entry[field] ?? entry[field.toLowerCase()];
  return typeof value === 'string' ? value : undefined;
}

function required(entry: Entry, field: string): string {
  const value = read(entry, field);
  if (value !== undefined && value.trim() !== '') return value;
  throw invalid(`an entry has no "${field}"`);
}

const invalid = (why: string) => new Refusal('invalid-body', `The export cannot be read: ${why}.`);
