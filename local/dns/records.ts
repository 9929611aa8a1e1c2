import type {
  CaaAnswer,
  CaaData,
  DSAnswer,
  DsData,
  MxAnswer,
  SoaAnswer,
  SoaData,
  SrvAnswer,
  SrvData,
  StringAnswer,
  TxtAnswer,
} from 'dns-packet';

/** A resource record as dns-packet encodes it; names are in lower case, without the final dot. */
export type ZoneRecord = (
  | StringAnswer
  | MxAnswer
  | TxtAnswer
  | CaaAnswer
  | SrvAnswer
  | SoaAnswer
  | DSAnswer
) & { readonly ttl: number };

/** One word of a zone file or of a record's value. Its text has one character an octet. */
export interface Token {
  readonly text: string;
  readonly quoted: boolean;
  /** True if a backslash was in it, so that a dot may not be a separator. */
  readonly escaped: boolean;
}

/** A record's data is not what its type asks for. */
export class RecordSyntaxError extends Error {
  override readonly name = 'RecordSyntaxError';
}

/** Lower case, no final dot; the root is the empty string. */
export const canonicalName = (name: string): string =>
  (name.endsWith('.') ? name.slice(0, -1) : name).toLowerCase();

/** Returns true if `name` is `zone` or below it; both canonical. */
export const isWithin = (name: string, zone: string): boolean =>
  zone === '' || name === zone || name.endsWith(`.${zone}`);

/** The name, then each of its ancestors up to the top-level domain. */
export function selfAndAncestors(name: string): string[] {
  const labels = name === '' ? [] : name.split('.');
  return labels.map((_, index) => labels.slice(index).join('.'));
}

/**
 * Checks a host name's form (RFC 1035 §2.3.4: labels of 1 to 63 octets, 253 in all) and makes it canonical.
 * @throws RecordSyntaxError
 */
export function parseName(text: string): string {
  const name = canonicalName(text);
  if (name === '') return name;
  if (name.length > 253) throw new RecordSyntaxError(`the name ${text} is longer than 253 octets`);
  for (const label of name.split('.')) {
    if (label === '') throw new RecordSyntaxError(`the name ${text} has an empty label`);
    if (label.length > 63) {
      throw new RecordSyntaxError(`the label ${label} is longer than 63 octets`);
    }
    if (!/^[\x21-\x7e]+$/.test(label)) {
      throw new RecordSyntaxError(`the name ${text} has a character that is not printable ASCII`);
    }
  }
  return name;
}

const UNITS: Readonly<Record<string, number>> = {
  '': 1,
  s: 1,
  m: 60,
  h: 3600,
  d: 86_400,
  w: 604_800,
};

/** Seconds, as a number or with BIND's units: `3600`, `1h`, `1d12h`; undefined where it is neither. */
export function parseTtl(text: string): number | undefined {
  if (!/^(?:\d{1,10}[smhdw]?)+$/i.test(text)) return undefined;
  let seconds = 0;
  for (const [, count = '', unit = ''] of text.matchAll(/(\d+)([smhdw]?)/gi)) {
    seconds += Number(count) * (UNITS[unit.toLowerCase()] ?? 1);
  }
  return seconds <= 0x7f_ff_ff_ff ? seconds : undefined;
}

/** The words of one record's data, taken by position. */
class Fields {
  readonly #type: string;
  readonly #tokens: readonly Token[];
  readonly #toName: (token: Token) => string;

  constructor(type: string, tokens: readonly Token[], toName: (token: Token) => string) {
    this.#type = type;
    this.#tokens = tokens;
    this.#toName = toName;
  }

  expect(count: number): this {
    const { length } = this.#tokens;
    if (length === count) return this;
    throw new RecordSyntaxError(`${this.#type} data has ${length} fields where ${count} belong`);
  }

  text(index: number): string {
    return this.#tokens[index]?.text ?? '';
  }

  all(): string[] {
    return this.#tokens.map(({ text }) => text);
  }

  name(index: number): string {
    const token = this.#tokens[index];
    if (token === undefined) throw new RecordSyntaxError(`${this.#type} data lacks a name`);
    return this.#toName(token);
  }

  number(index: number, max: number): number {
    const text = this.text(index);
    if (/^\d{1,10}$/.test(text) && Number(text) <= max) return Number(text);
    throw new RecordSyntaxError(`${this.#type}: ${text} is not a number from 0 to ${max}`);
  }

  seconds(index: number): number {
    const seconds = parseTtl(this.text(index));
    if (seconds !== undefined) return seconds;
    throw new RecordSyntaxError(`${this.#type}: ${this.text(index)} is not a duration`);
  }
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;

function parseIpv4(text: string): string {
  if (IPV4.test(text)) return text;
  throw new RecordSyntaxError(`${text} is not an IPv4 address`);
}

function parseIpv6(text: string): string {
  if (/^[0-9a-f:.]+$/i.test(text) && URL.canParse(`http://[${text}]/`)) return text.toLowerCase();
  throw new RecordSyntaxError(`${text} is not an IPv6 address`);
}

const CAA_TAGS = ['issue', 'issuewild', 'iodef'] as const;

function parseCaa(fields: Fields): CaaData {
  const tag = CAA_TAGS.find((known) => known === fields.text(1).toLowerCase());
  if (tag === undefined) throw new RecordSyntaxError(`the CAA tag ${fields.text(1)} is not known`);
  return { flags: fields.number(0, 255), tag, value: fields.text(2) };
}

function parseTxt(strings: readonly string[]): Buffer[] {
  if (strings.length === 0) throw new RecordSyntaxError('TXT data has no string');
  const long = strings.find((text) => text.length > 255);
  if (long !== undefined) {
    throw new RecordSyntaxError(
      `a TXT string has ${long.length} octets where 255 is the most: split it`,
    );
  }
  return strings.map((text) => Buffer.from(text, 'latin1'));
}

function parseDs(fields: Fields): DsData {
  const digest = fields.text(3);
  if (!/^(?:[0-9a-f]{2})+$/i.test(digest)) {
    throw new RecordSyntaxError(`the DS digest ${digest} is not hexadecimal`);
  }
  return {
    keyTag: fields.number(0, 65_535),
    algorithm: fields.number(1, 255),
    digestType: fields.number(2, 255),
    digest: Buffer.from(digest, 'hex'),
  };
}

const parseSoa = (fields: Fields): SoaData => ({
  mname: fields.name(0),
  rname: fields.name(1),
  serial: fields.number(2, 0xff_ff_ff_ff),
  refresh: fields.seconds(3),
  retry: fields.seconds(4),
  expire: fields.seconds(5),
  minimum: fields.seconds(6),
});

const parseSrv = (fields: Fields): SrvData => ({
  priority: fields.number(0, 65_535),
  weight: fields.number(1, 65_535),
  port: fields.number(2, 65_535),
  target: fields.name(3),
});

interface Owner {
  readonly name: string;
  readonly ttl: number;
}

/** The types whose data is understood here, each with the parser of its data (RFC 1035 §3.3). */
const PARSERS = {
  A: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'A' as const,
    data: parseIpv4(fields.expect(1).text(0)),
  }),
  AAAA: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'AAAA' as const,
    data: parseIpv6(fields.expect(1).text(0)),
  }),
  CAA: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'CAA' as const,
    data: parseCaa(fields.expect(3)),
  }),
  CNAME: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'CNAME' as const,
    data: fields.expect(1).name(0),
  }),
  DS: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'DS' as const,
    data: parseDs(fields.expect(4)),
  }),
  MX: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'MX' as const,
    data: { preference: fields.expect(2).number(0, 65_535), exchange: fields.name(1) },
  }),
  NS: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'NS' as const,
    data: fields.expect(1).name(0),
  }),
  PTR: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'PTR' as const,
    data: fields.expect(1).name(0),
  }),
  SOA: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'SOA' as const,
    data: parseSoa(fields.expect(7)),
  }),
  SRV: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'SRV' as const,
    data: parseSrv(fields.expect(4)),
  }),
  TXT: (owner: Owner, fields: Fields) => ({
    ...owner,
    type: 'TXT' as const,
    data: parseTxt(fields.all()),
  }),
};

export type ZoneRecordType = keyof typeof PARSERS;
export const RECORD_TYPES = Object.keys(PARSERS) as readonly ZoneRecordType[];
export const isRecordType = (type: string): type is ZoneRecordType => Object.hasOwn(PARSERS, type);

/**
 * Builds a record from the words of its data.
 * @param toName turns a name in the data into a canonical absolute one
 * @throws RecordSyntaxError
 */
export function parseRecord(
  { name, type, ttl }: Owner & { readonly type: ZoneRecordType },
  data: readonly Token[],
  toName: (token: Token) => string,
): ZoneRecord {
  return PARSERS[type]({ name, ttl }, new Fields(type, data, toName));
}
