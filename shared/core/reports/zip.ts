import { UnreadableReport } from './unreadable.ts';

/** A file in a zip: the place of its compressed bytes, and the compression method. */
export interface ZipEntry {
  readonly method: 'stored' | 'deflated';
  readonly data: Buffer;
  /** CRC-32 of what it decompresses to. */
  readonly crc: number;
}

/** A file that the directory names; it alone may be damaged. */
export interface ZipFile {
  /** @throws UnreadableReport `truncated`, `corrupt`, `encrypted` */
  readonly read: () => ZipEntry;
}

const LOCAL_HEADER = 0x04034b50;
const DIRECTORY_HEADER = 0x02014b50;
const DIRECTORY_END = 0x06054b50;
const DIRECTORY_END_LENGTH = 22;
const MAX_COMMENT = 0xffff;
/** Files of a zip that are read. */
const MAX_ENTRIES = 100;
const STORED = 0;
const DEFLATED = 8;

export const isZip = (content: Buffer): boolean =>
  content.length >= 4 && content.readUInt32LE(0) === LOCAL_HEADER;

/**
 * Finds the reports in a zip (APPNOTE 4.3): the files named `*.xml` or `*.gz`, else all. Read from
 * the central directory, so that sizes after the data and bytes after the end do no harm.
 *
 * @throws UnreadableReport `truncated`, `corrupt`, `no-report`, `too-many-parts`
 */
export function reportsInZip(zip: Buffer): ZipFile[] {
  const entries = readingZip(() => [...directoryOf(zip)].filter(({ name }) => isReportFile(name)));
  if (entries.length === 0) throw new UnreadableReport('no-report', 'There is no file in the zip.');
  const named = entries.filter(({ name }) => /\.(?:xml|gz)$/i.test(name));
  return (named.length > 0 ? named : entries).map((entry) => ({
    read: () => readingZip(() => contentOf(zip, entry)),
  }));
}

/** Runs a read of a zip; the offsets of a damaged one point anywhere. */
function readingZip<Result>(read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    if (error instanceof RangeError) throw corrupt(error);
    throw error;
  }
}

const isReportFile = (name: string): boolean =>
  !name.endsWith('/') && !name.startsWith('__MACOSX/');

interface DirectoryEntry {
  readonly name: string;
  readonly flags: number;
  readonly method: number;
  readonly crc: number;
  readonly compressedSize: number;
  readonly offset: number;
}

function* directoryOf(zip: Buffer): Generator<DirectoryEntry> {
  const end = endOfDirectory(zip);
  const count = zip.readUInt16LE(end + 10);
  if (count > MAX_ENTRIES)
    throw new UnreadableReport('too-many-parts', `The zip has over ${MAX_ENTRIES} files.`);
  let at = zip.readUInt32LE(end + 16);
  for (let index = 0; index < count; index += 1) {
    if (zip.readUInt32LE(at) !== DIRECTORY_HEADER) throw corrupt();
    const nameLength = zip.readUInt16LE(at + 28);
    yield {
      flags: zip.readUInt16LE(at + 8),
      method: zip.readUInt16LE(at + 10),
      crc: zip.readUInt32LE(at + 16),
      compressedSize: zip.readUInt32LE(at + 20),
      offset: zip.readUInt32LE(at + 42),
      name: zip.toString('latin1', at + 46, at + 46 + nameLength),
    };
    at += 46 + nameLength + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
}

function endOfDirectory(zip: Buffer): number {
  const least = Math.max(0, zip.length - DIRECTORY_END_LENGTH - MAX_COMMENT);
  for (let at = zip.length - DIRECTORY_END_LENGTH; at >= least; at -= 1) {
    if (zip.readUInt32LE(at) === DIRECTORY_END) return at;
  }
  throw new UnreadableReport('truncated', 'The zip ends before its directory of files.');
}

function contentOf(zip: Buffer, entry: DirectoryEntry): ZipEntry {
  const { flags, method, crc, compressedSize, offset } = entry;
  if ((flags & 1) !== 0)
    throw new UnreadableReport('encrypted', 'The zip is encrypted with a password.');
  if (zip.readUInt32LE(offset) !== LOCAL_HEADER) throw corrupt();
  const start = offset + 30 + zip.readUInt16LE(offset + 26) + zip.readUInt16LE(offset + 28);
  if (method !== STORED && method !== DEFLATED)
    throw new UnreadableReport('corrupt', `The zip is compressed by the unknown method ${method}.`);
  if (start + compressedSize > zip.length)
    throw new UnreadableReport('truncated', 'The zip ends before its file does.');
  return {
    method: method === STORED ? 'stored' : 'deflated',
    data: zip.subarray(start, start + compressedSize),
    crc,
  };
}

const corrupt = (cause?: unknown) =>
  new UnreadableReport('corrupt', 'The zip is damaged: its directory does not fit its files.', {
    cause,
  });
