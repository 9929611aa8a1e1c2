import { UnreadableReport } from './unreadable.ts';

const FIXED_LENGTH = 10;
const TRAILER_LENGTH = 8;
const HAS_HEADER_CRC = 2;
const HAS_EXTRA = 4;
const HAS_NAME = 8;
const HAS_COMMENT = 16;

export const isGzip = (content: Buffer): boolean => content[0] === 0x1f && content[1] === 0x8b;

/**
 * Returns where the deflated data of a gzip member begins (RFC 1952 §2.3).
 *
 * @throws UnreadableReport `truncated`
 */
export function endOfGzipHeader(content: Buffer): number {
  const flags = content[3] ?? 0;
  let at = FIXED_LENGTH;
  if ((flags & HAS_EXTRA) !== 0) at += 2 + (content[at] ?? 0) + ((content[at + 1] ?? 0) << 8);
  if ((flags & HAS_NAME) !== 0) at = afterZero(content, at);
  if ((flags & HAS_COMMENT) !== 0) at = afterZero(content, at);
  if ((flags & HAS_HEADER_CRC) !== 0) at += 2;
  if (at >= content.length) throw truncated();
  return at;
}

function afterZero(content: Buffer, from: number): number {
  const zero = content.indexOf(0, from);
  return zero < 0 ? content.length : zero + 1;
}

/**
 * Holds the checksum at the end of a member against what it decompressed to.
 *
 * @param at just past the deflated data
 * @returns the octets after the member
 * @throws UnreadableReport `truncated`, `corrupt`
 */
export function afterGzipMember(content: Buffer, at: number, crc: number): Buffer {
  if (at + TRAILER_LENGTH > content.length) throw truncated();
  if (content.readUInt32LE(at) !== crc)
    throw new UnreadableReport('corrupt', 'The gzip is damaged: its checksum does not match.');
  return content.subarray(at + TRAILER_LENGTH);
}

const truncated = () => new UnreadableReport('truncated', 'The gzip ends too early.');
