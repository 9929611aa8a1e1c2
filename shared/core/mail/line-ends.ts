import { kernel } from '../dkim/kernel/instance.ts';
import { CR, LF, NUL } from './octets.ts';

/** The octets of a message that are not content between CRLFs. */
export interface LineEndFaults {
  /** Offset of the first NUL. */
  nul: number | undefined;
  /** Offset of the first CR that another octet than LF follows; one at the end is not counted. */
  bareCr: number | undefined;
  /** Number of LFs that have no CR before them. */
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
  if (simd === null) return findPlainly(raw, before);
  const faults: LineEndFaults = { nul: undefined, bareCr: undefined, bareLfs: 0 };
  const { input } = simd;
  for (let start = 0; start < raw.length; start += input.length) {
    const block = raw.subarray(start, start + input.length);
    input.set(block);
    const found = simd.findFaults(block.length, raw[start - 1] ?? before);
    if (found.nul !== undefined) faults.nul ??= start + found.nul;
    if (found.bareCr !== undefined) faults.bareCr ??= start + found.bareCr;
    faults.bareLfs += found.bareLfs;
  }
  return faults;
}

function findPlainly(raw: Buffer, before: number): LineEndFaults {
  let nul: number | undefined;
  let bareCr: number | undefined;
  let bareLfs = 0;
  let previous = before;
  for (let at = 0; at < raw.length; at += 1) {
    const octet = raw[at] as number;
    if (octet === NUL) nul ??= at;
    if (previous === CR && octet !== LF) bareCr ??= at - 1;
    if (previous !== CR && octet === LF) bareLfs += 1;
    previous = octet;
  }
  return { nul, bareCr, bareLfs };
}

/**
 * Turns each bare LF into CRLF, as every receiving MTA does (RFC 6376 §5.3 wants it done before
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
  let previous = before;
  let to = 0;
  for (let at = 0; at < raw.length; at += 1) {
    const octet = raw[at] as number;
    if (octet === LF && previous !== CR) normal[to++] = CR;
    normal[to++] = octet;
    previous = octet;
  }
  return normal;
}
