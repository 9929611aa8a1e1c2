import { createHash } from 'node:crypto';
import type { Group } from './group.ts';
import { groupOf, nameOf, type RawAuth, type RawRow } from './row.ts';
import { Aggregates } from './aggregates.ts';
import { UnreadableReport } from './unreadable.ts';
import { type ElementReader, readXml } from './xml.ts';

/** A DMARC aggregate report, its rows summed. */
export interface AggregateReport {
  /** `org_name`, else the domain of `email`: who says it wrote the report. */
  readonly organization: string;
  /** Unique within the organization (RFC 9990 §3.1); derived from the content where it has none. */
  readonly reportId: string;
  /** Seconds since 1970-01-01 UTC. */
  readonly begin: number;
  /** Seconds since 1970-01-01 UTC. */
  readonly end: number;
  /** The domain whose policy it is about: lower case, A-labels, no trailing dot. */
  readonly domain: string;
  readonly rows: number;
  /** Rows without a readable address or count; they are in no sum. */
  readonly unreadableRows: number;
  readonly messages: number;
  /** At most about `MAX_GROUPS`; their messages add up to `messages`. */
  readonly groups: readonly Group[];
}

/**
 * Reads an aggregate report in the schema of RFC 7489 or RFC 9990, with the deviations that
 * receivers are known for, row by row.
 *
 * @param xml its bytes, in any pieces
 * @throws UnreadableReport; and any error of the pieces' source
 */
export async function readAggregateReport(
  xml: AsyncIterable<Buffer> | Iterable<Buffer>,
): Promise<AggregateReport> {
  const reading = new ReportReader();
  await readXml(xml, 'feedback', reading);
  return reading.finish();
}

/** Rows that may precede the domain that they are about. */
const MAX_EARLY_ROWS = 10_000;

type Field = 'organization' | 'email' | 'reportId' | 'begin' | 'end' | 'domain';

/** Fields of the report by element and its parent. */
const fields: Readonly<Record<string, Field>> = {
  'report_metadata/org_name': 'organization',
  'report_metadata/email': 'email',
  'report_metadata/report_id': 'reportId',
  'date_range/begin': 'begin',
  'date_range/end': 'end',
  'policy_published/domain': 'domain',
};

/** Texts of a row by element and its parent; some receivers write `identities`. */
const rowFields: Readonly<Record<string, keyof Omit<RawRow, 'signatures' | 'envelopes'>>> = {
  'row/source_ip': 'sourceIp',
  'row/count': 'count',
  'policy_evaluated/disposition': 'disposition',
  'policy_evaluated/dkim': 'dkim',
  'policy_evaluated/spf': 'spf',
  'identifiers/header_from': 'headerFrom',
  'identities/header_from': 'headerFrom',
};

class ReportReader implements ElementReader {
  readonly #fields: Partial<Record<Field, string>> = {};
  readonly #aggregates = new Aggregates();
  #row: RawRow | undefined;
  #auth: RawAuth | undefined;
  #early: RawRow[] = [];
  #rows = 0;
  #unreadableRows = 0;
  #messages = 0;

  open(name: string, parent: string): void {
    if (name === 'record') {
      this.#row = { signatures: [], envelopes: [] };
    } else if (parent === 'auth_results' && (name === 'dkim' || name === 'spf')) {
      this.#auth = {};
      (name === 'dkim' ? this.#row?.signatures : this.#row?.envelopes)?.push(this.#auth);
    }
  }

  close(name: string, text: string, parent: string): void {
    if (name === 'record') return this.#finishRow();
    if (text === '') return;
    if (this.#row === undefined) {
      const field = fields[`${parent}/${name}`];
      if (field !== undefined) this.#fields[field] ??= text;
    } else if (parent === 'dkim' || parent === 'spf') {
      this.#authText(name, text);
    } else {
      const field = rowFields[`${parent}/${name}`];
      if (field !== undefined) this.#row[field] ??= text;
    }
  }

  #authText(name: string, text: string): void {
    if (name === 'domain' || name === 'selector' || name === 'scope' || name === 'result') {
      if (this.#auth !== undefined) this.#auth[name] ??= text;
    }
  }

  #finishRow(): void {
    const row = this.#row;
    this.#row = undefined;
    this.#auth = undefined;
    if (row === undefined) return;
    this.#rows += 1;
    if (this.#fields.domain !== undefined) return this.#sum(row);
    if (this.#early.length === MAX_EARLY_ROWS) throw incomplete('no domain before its rows');
    this.#early.push(row);
  }

  #sum(row: RawRow): void {
    const group = groupOf(row, nameOf(this.#fields.domain ?? ''));
    if (group === undefined) {
      this.#unreadableRows += 1;
      return;
    }
    this.#messages += group.messages;
    this.#aggregates.add(group);
  }

  /** @throws UnreadableReport `incomplete` */
  finish(): AggregateReport {
    const { domain, reportId, email, organization } = this.#fields;
    if (domain === undefined) throw incomplete('no domain');
    for (const row of this.#early) this.#sum(row);
    const begin = timeOf(this.#fields.begin);
    const end = timeOf(this.#fields.end);
    if (begin === undefined || end === undefined || end < begin) throw incomplete('no date range');
    const content = {
      organization: organization ?? email?.split('@').at(-1) ?? '',
      begin,
      end,
      domain: nameOf(domain),
      rows: this.#rows,
      unreadableRows: this.#unreadableRows,
      messages: this.#messages,
      groups: this.#aggregates.groups(),
    };
    return { ...content, reportId: reportId ?? idOf(content) };
  }
}

/** The same content has the same id, in whatever order its rows come. */
const idOf = (content: Omit<AggregateReport, 'reportId'>): string =>
  `content:${createHash('sha256').update(JSON.stringify(content)).digest('base64url')}`;

const incomplete = (what: string) =>
  new UnreadableReport('incomplete', `The report has ${what}, so it cannot be counted.`);

/** Later than any second that is meant: from here on the number counts milliseconds. */
const FIRST_MILLISECONDS = 100_000_000_000;

/** A time in seconds, as a whole number, with a fraction, in milliseconds, or as a date. */
function timeOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const number = /^\d{1,16}(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(number)) return undefined;
  return Math.floor(number >= FIRST_MILLISECONDS ? number / 1_000 : number);
}
