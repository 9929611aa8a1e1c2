import { deflateRawSync, crc32 } from 'node:zlib';

/** A base64 body as mailers fold it. */
export const base64Lines = (content: Buffer): string =>
  content.toString('base64').replaceAll(/.{76}/g, '$&\r\n');

export interface GivenPart {
  readonly type?: string;
  readonly encoding?: 'base64' | 'quoted-printable' | '7bit';
  readonly content: Buffer | string;
}

const encoded = ({ encoding = 'base64', content }: GivenPart): string => {
  const bytes = Buffer.from(content as Buffer);
  if (encoding === 'base64') return base64Lines(bytes);
  if (encoding === '7bit') return bytes.toString('latin1');
  return bytes
    .toString('latin1')
    .replaceAll('=', '=3D')
    .replaceAll(/[^\n]{70}/g, '$&=\r\n');
};

const partOf = (part: GivenPart): string =>
  [
    `Content-Type: ${part.type ?? 'application/octet-stream'}`,
    `Content-Transfer-Encoding: ${part.encoding ?? 'base64'}`,
    '',
    encoded(part),
  ].join('\r\n');

const envelope = ['From: reports@reporter.example', 'Subject: Report Domain: shop.example'];

/** A mail that is the one part. */
export const givenMail = (part: GivenPart): Buffer =>
  Buffer.from([...envelope, partOf(part), ''].join('\r\n'), 'latin1');

/** A mail of parts. */
export const givenMultipart = (...parts: GivenPart[]): Buffer =>
  Buffer.from(
    [
      ...envelope,
      'MIME-Version: 1.0',
      'Content-Type: multipart/mixed;',
      '\tboundary="=_b (1)"',
      '',
      'not shown',
      ...parts.flatMap((part) => ['--=_b (1)', partOf(part)]),
      '--=_b (1)--',
      '',
    ].join('\r\n'),
    'latin1',
  );

/** A zip of one file, made by hand, so that it can be damaged. */
export function givenZip(
  content: Buffer,
  { name = 'report.xml', flags = 0, method = 8, crc = crc32(content) } = {},
): Buffer {
  const data = method === 8 ? deflateRawSync(content) : content;
  return zipOf(data, { name, flags, method, crc, size: content.length });
}

/** The same data in a zip as in a gzip without a file name. */
export const zipOfGzip = (gzip: Buffer): Buffer =>
  zipOf(gzip.subarray(10, -8), {
    name: 'report.xml',
    flags: 0,
    method: 8,
    crc: gzip.readUInt32LE(gzip.length - 8),
    size: gzip.readUInt32LE(gzip.length - 4),
  });

interface ZipPart {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly size: number;
}

const zipOf = (data: Buffer, entry: ZipPart): Buffer => zipOfParts([{ ...entry, data }]);

/** A zip of several files. */
export const zipOfFiles = (
  files: readonly { readonly name: string; readonly content: Buffer; readonly crc?: number }[],
): Buffer =>
  zipOfParts(
    files.map(({ name, content, crc = crc32(content) }) => ({
      data: deflateRawSync(content),
      name,
      flags: 0,
      method: 8,
      crc,
      size: content.length,
    })),
  );

function zipOfParts(parts: readonly (ZipPart & { readonly data: Buffer })[]): Buffer {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { data, name, flags, method, crc, size } of parts) {
    const common = Buffer.alloc(22);
    common.writeUInt16LE(flags, 0);
    common.writeUInt16LE(method, 2);
    common.writeUInt32LE(crc, 8);
    common.writeUInt32LE(data.length, 12);
    common.writeUInt32LE(size, 16);
    common.writeUInt16LE(name.length, 20);
    const rest = Buffer.alloc(16);
    rest.writeUInt32LE(offset, 12);
    const local = [Buffer.from('504b03041400', 'hex'), common, Buffer.alloc(2), Buffer.from(name)];
    const file = Buffer.concat([...local, data]);
    files.push(file);
    offset += file.length;
    directory.push(Buffer.from('504b010214001400', 'hex'), common, rest, Buffer.from(name));
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(parts.length, 10);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...files, ...directory, end]);
}

export interface GivenRow {
  readonly ip?: string;
  readonly count?: number;
  readonly dkim?: 'pass' | 'fail';
  readonly spf?: 'pass' | 'fail';
  readonly from?: string;
  readonly selector?: string;
  readonly envelope?: string;
}

/** The XML of a report about shop.example of 2 November 2026. */
export const givenXml = (rows: readonly GivenRow[] = [{}], id = '1'): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<feedback><report_metadata><org_name>reporter.example</org_name><report_id>${id}</report_id>`,
    '<date_range><begin>1793577600</begin><end>1793663999</end></date_range></report_metadata>',
    '<policy_published><domain>shop.example</domain><p>none</p></policy_published>',
    ...rows.map(rowXml),
    '</feedback>',
  ].join('\n');

const rowXml = ({
  ip = '192.0.2.1',
  count = 1,
  dkim = 'pass',
  spf = 'fail',
  from = 'shop.example',
  selector = 'zero',
  envelope = 'bounces.shop.example',
}: GivenRow): string =>
  `<record><row><source_ip>${ip}</source_ip><count>${count}</count><policy_evaluated><disposition>none</disposition><dkim>${dkim}</dkim><spf>${spf}</spf></policy_evaluated></row><identifiers><header_from>${from}</header_from></identifiers><auth_results><dkim><domain>shop.example</domain><selector>${selector}</selector><result>${dkim}</result></dkim><spf><domain>${envelope}</domain><scope>mfrom</scope><result>pass</result></spf></auth_results></record>`;
