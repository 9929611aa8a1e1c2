import { kernel } from '#shared/dkim/kernel/instance.ts';
import { CR, LF, NUL } from './octets.ts';

/** What stands in a message that is not content between CRLFs. */
export interface LineEndFaults {
  /** Offset of the first NUL, or -1. */
  nul: number;
  /** Offset of the first CR that another octet than LF follows, or -1; one at the end is not counted. */
  bareCr: number;
  /** How many LFs have no CR before them. */
  bareLfs: number;
}

/**
 * Finds NULs, bare CRs and bare LFs in one pass.
 *
 * @param before the octet that came before, where `raw` continues what came in an earlier chunk
 */
export function findLineEndFaults(
  raw: Buffer,
  before: number = NUL,
  simd = kernel(),
): LineEndFaults {
  const faults: LineEndFaults = { nul: -1, bareCr: -1, bareLfs: 0 };
  const note = (at: number): void => {
    const previous = raw[at - 1] ?? before;
    if (previous === CR && raw[at] !== LF && faults.bareCr < 0) faults.bareCr = at - 1;
    if (raw[at] === NUL && faults.nul < 0) faults.nul = at;
    if (previous !== CR && raw[at] === LF) faults.bareLfs += 1;
  };
  if (simd === null) {
    for (let at = 0; at < raw.length; at += 1) note(at);
    return faults;
  }
  for (let start = 0; start < raw.length; start += simd.inputMemory.length) {
    const block = raw.subarray(start, start + simd.inputMemory.length);
    simd.inputMemory.set(block);
    simd.before[0] = raw[start - 1] ?? before;
    let at = simd.suspect(0, block.length);
    for (; at < block.length; at = simd.suspect(at + 1, block.length)) note(start + at);
  }
  return faults;
}

/**
 * Turns each bare LF into CRLF, as every MTA does on its way in (RFC 6376 §5.3 wants it done before
 * signing). A bare CR stays: verifiers disagree on it, so `inspectSubmission` refuses it.
 *
 * @param before the octet that came before, where `raw` continues what came in an earlier chunk
 * @returns the same buffer where nothing was to be changed
 */
export function normalizeLineEnds(raw: Buffer, before: number = NUL): Buffer {
  const { bareLfs } = findLineEndFaults(raw, before);
  return bareLfs === 0 ? raw : insertCrs(raw, before, bareLfs);
}

/** Puts a CR before each bare LF, of which there are so many. */
export function insertCrs(raw: Buffer, before: number, bareLfs: number): Buffer {
  const normal = Buffer.allocUnsafe(raw.length + bareLfs);
  let from = 0;
  let to = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) {
    if ((raw[at - 1] ?? before) === CR) continue;
    to += raw.copy(normal, to, from, at);
    normal[to] = CR;
    to += 1;
    from = at;
  }
  raw.copy(normal, to, from);
  return normal;
}
