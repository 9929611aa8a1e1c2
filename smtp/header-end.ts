const LF = 0x0a;
const CR = 0x0d;

/**
 * Finds where a mail's header ends while the mail comes in by pieces: behind the first empty line,
 * of CRLF or a bare LF.
 */
export class HeaderEnd {
  #offset = 0;
  /** True at the start of a line; a CR right behind it keeps it so. */
  #atLineStart = true;

  /**
   * Takes the next piece.
   *
   * @returns the number of octets before the body, counted from the first piece; undefined while
   *   the header goes on
   */
  add(piece: Buffer): number | undefined {
    for (let index = 0; index < piece.length; index += 1) {
      const octet = piece[index];
      if (octet === LF) {
        if (this.#atLineStart) return this.#offset + index + 1;
        this.#atLineStart = true;
      } else if (octet !== CR || !this.#atLineStart) {
        this.#atLineStart = false;
        // Only line ends matter from here on.
        const next = piece.indexOf(LF, index);
        if (next === -1) break;
        index = next - 1;
      }
    }
    this.#offset += piece.length;
    return undefined;
  }
}
