import { kernel } from '#shared/dkim/kernel/instance.ts';
import { CR, LF } from './octets.ts';

/** What stands in a message that is not content between CRLFs. */
export interface LineEndFaults {
  /** Offset of the first NUL, or -1. */
  nul: number;
  /** Offset of the first CR without LF, or -1. */
  bareCr: number;
  /** How many LFs have no CR before them. */
  bareLfs: number;
}

/** Finds NULs, bare CRs and bare LFs in one pass. */
export function findLineEndFaults(raw: Buffer, simd = kernel()): LineEndFaults {
  const faults: LineEndFaults = { nul: -1, bareCr: -1, bareLfs: 0 };
  const note = (at: number): void => {
    if (at > 0 && raw[at - 1] === CR && raw[at] !== LF && faults.bareCr < 0) faults.bareCr = at - 1;
    if (raw[at] === 0 && faults.nul < 0) faults.nul = at;
    if (raw[at] === LF && raw[at - 1] !== CR) faults.bareLfs += 1;
  };
  if (simd === null) {
    for (let at = 0; at < raw.length; at += 1) note(at);
  } else {
    const { inputMemory, before } = simd;
    for (let start = 0; start < raw.length; start += inputMemory.length) {
      const block = raw.subarray(start, start + inputMemory.length);
      inputMemory.set(block);
      before[0] = raw[start - 1] ?? 0;
      let at = simd.suspect(0, block.length);
      for (; at < block.length; at = simd.suspect(at + 1, block.length)) note(start + at);
    }
  }
  if (raw.at(-1) === CR && faults.bareCr < 0) faults.bareCr = raw.length - 1;
  return faults;
}

/**
 * Turns each bare LF into CRLF, as every MTA does on its way in (RFC 6376 §5.3 wants it done before
 * signing). A bare CR stays: verifiers disagree on it, so `inspectSubmission` refuses it.
 *
 * @returns the same buffer where nothing was to be changed
 */
export function normalizeLineEnds(raw: Buffer, faults = findLineEndFaults(raw)): Buffer {
  if (faults.bareLfs === 0) return raw;
  const normal = Buffer.allocUnsafe(raw.length + faults.bareLfs);
  let from = 0;
  let to = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) {
    if (raw[at - 1] === CR) continue;
    to += raw.copy(normal, to, from, at);
    normal[to] = CR;
    to += 1;
    from = at;
  }
  raw.copy(normal, to, from);
  return normal;
}
