import { Readable } from 'node:stream';
import { crc32, createInflateRaw } from 'node:zlib';
import { afterGzipMember, endOfGzipHeader, isGzip } from './gzip.ts';
import { UnreadableReport } from './unreadable.ts';
import { isZip, reportsInZip, type ZipFile } from './zip.ts';

/** Bytes of a report as it is sent, and of its XML. */
export interface SizeLimits {
  readonly compressed: number;
  readonly decompressed: number;
}

export const SIZE_LIMITS: SizeLimits = { compressed: 10_000_000, decompressed: 100_000_000 };

/** The type of a part's content by its first bytes; the mail's own headers are often wrong. */
export type ContentKind = 'gzip' | 'zip' | 'xml';

/** Characters of a text that are searched for the root of a report. */
const ROOT_WITHIN = 4_096;
const feedback = /<(?:[\w.-]+:)?feedback[\s>/]/i;

/** @returns undefined where the content is neither compressed nor a report's XML */
export function kindOf(content: Buffer): ContentKind | undefined {
  if (isGzip(content)) return 'gzip';
  if (isZip(content)) return 'zip';
  // Zeros left out, so that UTF-16 is recognised too.
  const text = content.toString('latin1', 0, ROOT_WITHIN).replaceAll('\0', '');
  // Accepts one that declares entities, so that the reason names them.
  return feedback.test(text) || /<!ENTITY\s/i.test(text) ? 'xml' : undefined;
}

/** The XML of one report, in pieces. */
export type ReportXml = AsyncIterable<Buffer>;

/**
 * The XML of each report in a part: of each file of a zip, else of the content itself. None is
 * longer than the limit. Nothing is decompressed before it is read; checksums are checked at the
 * end.
 *
 * @throws UnreadableReport `compressed-too-large`, `decompressed-too-large`, `truncated`,
 *   `corrupt`, `encrypted`, `no-report`, `too-many-parts`; also while a report is read
 */
export function reportsIn(
  content: Buffer,
  kind: ContentKind,
  limits: SizeLimits = SIZE_LIMITS,
): ReportXml[] {
  if (content.length > (kind === 'xml' ? limits.decompressed : limits.compressed)) {
    const code = kind === 'xml' ? 'decompressed-too-large' : 'compressed-too-large';
    throw new UnreadableReport(code, `The report has ${content.length} bytes as it was sent.`);
  }
  if (kind === 'xml') return [asIs(content)];
  if (kind === 'gzip') return [onceMore(gunzipped(content, limits.decompressed), limits)];
  return reportsInZip(content).map((file) => onceMore(unzipped(file, limits.decompressed), limits));
}

async function* asIs(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** Some reporters compress twice: what comes out as gzip is inflated once more, and no further. */
async function* onceMore(
  pieces: AsyncIterable<Buffer>,
  { compressed, decompressed }: SizeLimits,
): AsyncGenerator<Buffer> {
  let inner: Buffer[] | undefined;
  let begun = false;
  let length = 0;
  for await (const piece of pieces) {
    if (!begun && isGzip(piece)) inner = [];
    begun = true;
    if (inner === undefined) {
      yield piece;
      continue;
    }
    length += piece.length;
    if (length > compressed) throw tooLarge('compressed-too-large', compressed);
    inner.push(piece);
  }
  if (inner !== undefined) yield* gunzipped(Buffer.concat(inner), decompressed);
}

/** A file of members, one mostly; what follows them is not gzip and does no harm. */
async function* gunzipped(content: Buffer, limit: number): AsyncGenerator<Buffer> {
  const inflation = new Inflation(limit);
  let rest = content;
  do {
    const start = endOfGzipHeader(rest);
    yield* inflation.of(rest.subarray(start));
    rest = afterGzipMember(rest, start + inflation.consumed, inflation.crc);
  } while (isGzip(rest));
}

async function* unzipped(file: ZipFile, limit: number): AsyncGenerator<Buffer> {
  const { method, data, crc } = file.read();
  const inflation = new Inflation(limit);
  if (method === 'deflated') yield* inflation.of(data);
  else yield data;
  if (crc !== (method === 'deflated' ? inflation.crc : crc32(data)))
    throw new UnreadableReport('corrupt', 'The zip is damaged: its checksum does not match.');
}

/** Inflates one stream after another, all within one limit. */
class Inflation {
  readonly #limit: number;
  #length = 0;
  /** CRC-32 of what the last stream inflated to. */
  crc = 0;
  /** Bytes that the last stream took of its data. */
  consumed = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  async *of(data: Buffer): AsyncGenerator<Buffer> {
    const source = Readable.from(slices(data));
    const inflater = createInflateRaw();
    this.crc = 0;
    try {
      for await (const piece of source.pipe(inflater) as AsyncIterable<Buffer>) {
        this.#length += piece.length;
        if (this.#length > this.#limit) throw tooLarge('decompressed-too-large', this.#limit);
        this.crc = crc32(piece, this.crc);
        yield piece;
      }
      this.consumed = inflater.bytesWritten;
    } catch (error) {
      throw asUnreadable(error);
    } finally {
      source.destroy();
      inflater.destroy();
    }
  }
}

const SLICE = 65_536;

function* slices(data: Buffer): Generator<Buffer> {
  for (let at = 0; at < data.length; at += SLICE) yield data.subarray(at, at + SLICE);
}

const tooLarge = (code: 'compressed-too-large' | 'decompressed-too-large', limit: number) =>
  new UnreadableReport(code, `The report decompresses to over ${limit} bytes.`);

/** Makes an UnreadableReport of a zlib error; any other error is a defect and stays as it is. */
function asUnreadable(error: unknown): unknown {
  const { code } = error as { code?: unknown };
  if (code === 'Z_BUF_ERROR')
    return new UnreadableReport('truncated', 'The compressed data ends too early.', {
      cause: error,
    });
  if (typeof code === 'string' && code.startsWith('Z_'))
    return new UnreadableReport('corrupt', 'The compressed data is damaged.', { cause: error });
  return error;
}
