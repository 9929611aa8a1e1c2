// The loops over every octet of a message, in AssemblyScript with SIMD: compiled by build.ts, not by
// tsc. The plain TypeScript that says the same is in ../body/relaxed.ts and ../../mail/line-ends.ts.

/** Octets that fit into the input. */
export const BLOCK: usize = 65536;
/** Where `relax` finds and leaves its state, an i32: 1 for open white space, 2 for an open CR, 4 for a bare LF. */
export const CARRY: usize = 0;
/** Where `relax` leaves how many CRLFs its output ended in, an i32. */
export const HELD: usize = 4;
/** Where `findFaults` leaves what it found, three i32. */
export const NUL_AT: usize = 8;
export const BARE_CR_AT: usize = 12;
export const BARE_LFS: usize = 16;
export const NONE: i32 = -2;
/** Where a block is put; the octet before it is what came before the block. */
export const INPUT: usize = 64;
/** Where `relax` writes: a block of bare LFs doubles, and vectors are stored whole. */
export const OUTPUT: usize = INPUT + BLOCK + 64;

const NUL: u8 = 0x00;
const TAB: u8 = 0x09;
const LF: u8 = 0x0a;
const CR: u8 = 0x0d;
const SP: u8 = 0x20;

const WHITE_SPACE: i32 = 1;
const OPEN_CR: i32 = 2;
const BARE_LF: i32 = 4;

/**
 * Relaxed body canonicalization (RFC 6376 §3.4.4) of `length` octets at INPUT into OUTPUT.
 * Sixteen octets at a time are copied as they are while none of them is to be changed; from one that
 * is, octets are taken one by one until nothing is left open.
 *
 * @returns the length of the output without the CRLFs it ended in
 */
export function relax(length: i32): i32 {
  const end: usize = INPUT + length;
  const carry = load<i32>(CARRY);
  let whiteSpace = (carry & WHITE_SPACE) != 0;
  let cr = (carry & OPEN_CR) != 0;
  let bareLf = carry & BARE_LF;
  let at: usize = INPUT;
  let to: usize = OUTPUT;
  while (at < end) {
    if (!whiteSpace && !cr && load<u8>(at) != LF) {
      const start = at;
      // the octet after the sixteen decides about the last of them, so it must be there
      while (at + 16 < end) {
        const octets = v128.load(at);
        v128.store(to, octets);
        // most of base64 and of text without spaces ends here: nothing but printable octets
        if (v128.any_true(i8x16.le_u(octets, i8x16.splat(SP)))) {
          const changed = changes(v128.load(at - 1), octets, v128.load(at + 1));
          if (v128.any_true(changed)) {
            const clean = ctz(i8x16.bitmask(changed));
            at += clean;
            to += clean;
            break;
          }
        }
        at += 16;
        to += 16;
      }
      // a CR is taken together with its LF
      if (at > start && load<u8>(at - 1) == CR) {
        at -= 1;
        to -= 1;
      }
    }
    do {
      const octet = load<u8>(at);
      at += 1;
      if (octet == LF) {
        if (!cr) bareLf = BARE_LF;
        whiteSpace = false;
        cr = false;
        store<u8>(to, CR);
        store<u8>(to + 1, LF);
        to += 2;
        continue;
      }
      const content = octet != SP && octet != TAB && octet != CR;
      if (cr || content) {
        if (whiteSpace) {
          store<u8>(to, SP);
          to += 1;
          whiteSpace = false;
        }
        if (cr) {
          store<u8>(to, CR);
          to += 1;
          cr = false;
        }
      }
      if (content) {
        store<u8>(to, octet);
        to += 1;
      } else if (octet == CR) {
        cr = true;
      } else {
        whiteSpace = true;
      }
    } while (at < end && (whiteSpace || cr || load<u8>(at) == LF));
  }
  store<i32>(CARRY, (whiteSpace ? WHITE_SPACE : 0) | (cr ? OPEN_CR : 0) | bareLf);
  const written = to;
  while (to > OUTPUT && load<u8>(to - 1) == LF) to -= 2;
  store<i32>(HELD, i32((written - to) >> 1));
  return i32(to - OUTPUT);
}

/**
 * Marks the octets that may not stay as they are: a tab, a space before white space or a line end,
 * an LF without its CR. A space before another control character is marked needlessly.
 */
function changes(before: v128, octets: v128, after: v128): v128 {
  const openSpace = v128.and(i8x16.eq(octets, i8x16.splat(SP)), i8x16.le_u(after, i8x16.splat(SP)));
  const bareLf = v128.andnot(i8x16.eq(octets, i8x16.splat(LF)), i8x16.eq(before, i8x16.splat(CR)));
  return v128.or(v128.or(openSpace, bareLf), i8x16.eq(octets, i8x16.splat(TAB)));
}

/**
 * Finds what stands in `length` octets at INPUT that is not content between CRLFs: writes the offset
 * of the first NUL to NUL_AT, of the first CR that another octet follows to BARE_CR_AT (-1 is the
 * octet before the block, NONE none), and how many LFs have no CR before them to BARE_LFS.
 */
export function findFaults(length: i32): void {
  let nul = NONE;
  let bareCr = NONE;
  let bareLfs = 0;
  let at: i32 = 0;
  for (; at + 16 <= length; at += 16) {
    const octets = v128.load(INPUT + at);
    const afterCr = i8x16.eq(v128.load(INPUT + at - 1), i8x16.splat(CR));
    const lfs = i8x16.eq(octets, i8x16.splat(LF));
    const nuls = i8x16.eq(octets, i8x16.splat(NUL));
    if (!v128.any_true(v128.or(v128.xor(afterCr, lfs), nuls))) continue;
    if (nul == NONE && v128.any_true(nuls)) nul = at + ctz(i8x16.bitmask(nuls));
    const halves = v128.andnot(afterCr, lfs);
    if (bareCr == NONE && v128.any_true(halves)) bareCr = at + ctz(i8x16.bitmask(halves)) - 1;
    bareLfs += popcnt(i8x16.bitmask(v128.andnot(lfs, afterCr)));
  }
  for (; at < length; at += 1) {
    const octet = load<u8>(INPUT + at);
    const afterCr = load<u8>(INPUT + at - 1) == CR;
    if (octet == NUL && nul == NONE) nul = at;
    if (afterCr && octet != LF && bareCr == NONE) bareCr = at - 1;
    if (!afterCr && octet == LF) bareLfs += 1;
  }
  store<i32>(NUL_AT, nul);
  store<i32>(BARE_CR_AT, bareCr);
  store<i32>(BARE_LFS, bareLfs);
}
