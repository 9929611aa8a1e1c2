import { readCsv, CsvError, type CsvRow } from '../csv/read-csv.ts';
import { requireClaimable } from '../model/claimable.ts';
import { languages, type ContactDetails, type Language } from '../model/contact.ts';
import { Refusal } from '../model/errors.ts';
import { MOST_ROWS, type ImportRow } from '../model/import.ts';
import { parseDomainName, quoted, type DomainName } from '../model/names.ts';
import { parseExternalId } from '../model/platform.ts';

export type ImportFormat = 'csv' | 'jsonl';

/** The fields of a row, as received. */
interface GivenRow {
  readonly externalId: string;
  readonly domain: string;
  readonly name: string;
  readonly email: string;
  readonly contactName: string;
  readonly language: string;
}

/** The names that a column or field may have, in lower case, without spaces, `_` and `-`. */
const names: Readonly<Record<keyof GivenRow, readonly string[]>> = {
  externalId: ['externalid', 'customerid', 'customer', 'id'],
  domain: ['domain', 'domainname'],
  name: ['name', 'customername'],
  email: ['contact', 'contactemail', 'dnscontact', 'email'],
  contactName: ['contactname', 'dnscontactname'],
  language: ['language', 'lang', 'locale'],
};

/**
 * Reads the rows of an import. A row with a mistake has its outcome already, and so has one that
 * says what an earlier row says; the file as a whole is refused only where it cannot be read.
 *
 * @param zone the deployment's, whose names nobody claims
 * @throws Refusal `invalid-body` with the line, where it is no CSV or JSON lines, lacks a column, or
 *   has no rows or too many
 */
export function readRows(text: string, format: ImportFormat, zone: DomainName): ImportRow[] {
  const given = format === 'csv' ? csvRows(text) : jsonRows(text);
  if (given.length === 0) throw invalid('it has no rows');
  if (given.length > MOST_ROWS) {
    throw invalid(`it has ${given.length} rows, and an import takes ${MOST_ROWS}; send several`);
  }
  const seen = new Map<string, number>();
  return given.map((one, index) => {
    const row = readRow(one, index + 1, zone);
    if (row.outcome !== undefined) return row;
    const place = JSON.stringify([row.externalId, row.domain]);
    const first = seen.get(place);
    if (first === undefined) {
      seen.set(place, row.row);
      return row;
    }
    return { ...row, outcome: { state: 'repeated', detail: `Row ${first} says the same.` } };
  });
}

const invalid = (why: string) =>
  new Refusal('invalid-body', `The list is not as it must be: ${why}.`);

function csvRows(text: string): GivenRow[] {
  let rows: CsvRow[];
  try {
    rows = readCsv(text);
  } catch (error) {
    if (error instanceof CsvError) throw invalid(`it is not CSV: ${error.message}`);
    throw error;
  }
  const [first] = rows;
  if (first !== undefined) requireColumns(Object.keys(first.fields));
  return rows.map(({ fields }) => givenRow(fields));
}

function requireColumns(columns: readonly string[]): void {
  const has = new Set(columns.map(plain));
  for (const field of ['externalId', 'domain'] as const) {
    if (names[field].some((name) => has.has(name))) continue;
    throw invalid(
      `the header line has no column "${field}"; it has ${columns.map(quoted).join(', ')}`,
    );
  }
}

function jsonRows(text: string): GivenRow[] {
  return text
    .replace(/^\uFEFF/, '')
    .split('\n')
    .map((line, index) => [line.trim(), index + 1] as const)
    .filter(([line]) => line !== '')
    .map(([line, number]) => givenRow(flattened(objectIn(line, number))));
}

function objectIn(line: string, number: number): object {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid(`line ${number} is not JSON; give one object a line`);
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value;
  throw invalid(`line ${number} is no JSON object`);
}

/** The contact may be an address, or an object of its own. */
function flattened(value: object): Record<string, unknown> {
  const { contact, ...rest } = value as Record<string, unknown>;
  if (typeof contact !== 'object' || contact === null) return { ...rest, contact };
  const { email, name, language } = contact as Record<string, unknown>;
  return { contactEmail: email, contactName: name, ...(language ? { language } : {}), ...rest };
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[\s_-]/g, '');

function givenRow(fields: Readonly<Record<string, unknown>>): GivenRow {
  const byName = new Map(Object.entries(fields).map(([name, value]) => [plain(name), value]));
  const read = (field: keyof GivenRow): string => {
    const value = names[field].map((name) => byName.get(name)).find((one) => one !== undefined);
    return typeof value === 'string' || typeof value === 'number' ? String(value).trim() : '';
  };
  return {
    externalId: read('externalId'),
    domain: read('domain'),
    name: read('name'),
    email: read('email'),
    contactName: read('contactName'),
    language: read('language'),
  };
}

/** What is kept of a wrong value. */
const SHOWN = 260;

function readRow(given: GivenRow, row: number, zone: DomainName): ImportRow {
  const shown = {
    row,
    externalId: given.externalId.slice(0, SHOWN),
    domain: given.domain.slice(0, SHOWN),
  };
  try {
    const externalId = parseExternalId(given.externalId);
    const domain = parseDomainName(given.domain);
    requireClaimable(domain, zone);
    const contact = contactOf(given);
    return {
      row,
      externalId,
      domain,
      ...(given.name === '' ? {} : { name: oneLine(given.name) }),
      ...(contact === undefined ? {} : { contact }),
    };
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { ...shown, outcome: { state: 'failed', code: error.code, detail: error.message } };
  }
}

/** Names go into mails: one line, without control characters, not too long. */
const oneLine = (text: string): string => text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, 200);

/** An address as forms take it; whether it exists only a mail shows. */
const addressForm = /^[^\s@"<>(),;:]{1,64}@[a-z0-9.-]{1,253}\.[a-z]{2,63}$/i;

/** @throws Refusal `invalid-body` */
function contactOf({ email, contactName, language }: GivenRow): ContactDetails | undefined {
  if (email === '') return undefined;
  if (!addressForm.test(email)) {
    throw new Refusal(
      'invalid-body',
      `${quoted(email)} is no mail address; leave the contact out, or correct it.`,
    );
  }
  const known = languageOf(language);
  return {
    email,
    ...(contactName === '' ? {} : { name: oneLine(contactName) }),
    ...(known === undefined ? {} : { language: known }),
  };
}

/** @throws Refusal `invalid-body` */
function languageOf(given: string): Language | undefined {
  if (given === '') return undefined;
  const [code] = given.toLowerCase().split(/[-_]/, 1);
  const known = languages.find((one) => one === code);
  if (known !== undefined) return known;
  throw new Refusal(
    'invalid-body',
    `${quoted(given)} is no language that mails are written in; give one of ${languages.join(', ')}, or none.`,
  );
}
