import { normalizeLineEnds } from './line-ends.ts';
import { CR, LF, NUL } from './octets.ts';
import { type ParsedHeader, parseHeader } from './parse.ts';

/**
 * Splits a message that comes in chunks into header and body, and normalises its line ends. The
 * result equals that of `normalizeLineEnds` and `parseMessage` on the whole message. Keeps the
 * header only; body octets are handed on as they come.
 */
export class MessageSplitter {
  readonly #headerChunks: Buffer[] = [];
  #header: ParsedHeader | undefined;
  #last: number = NUL;
  /**
   * Number of octets seen of the empty line that ends the header: at its start, or after its CR.
   */
  #place: 'in-line' | 'line-start' | 'after-cr' = 'line-start';

  /** The header, once the empty line that ends it has come. */
  get header(): ParsedHeader | undefined {
    return this.#header;
  }

  /**
   * Takes the next chunk, of any length. It must not be written to afterwards.
   *
   * @returns the chunk's octets of the body, with CRLF line ends; may be empty
   */
  push(chunk: Buffer): Buffer {
    const normal = normalizeLineEnds(chunk, this.#last);
    this.#last = chunk.at(-1) ?? this.#last;
    if (this.#header !== undefined) return normal;
    const end = this.#endOfHeader(normal);
    this.#headerChunks.push(normal.subarray(0, end));
    if (end === undefined) return normal.subarray(normal.length);
    this.#header = this.#parse();
    return normal.subarray(end);
  }

  /** Ends the message. A header that no empty line ended is all there was. */
  end(): ParsedHeader {
    this.#header ??= this.#parse();
    return this.#header;
  }

  /** Just past the empty line, or undefined where it is not in these octets. */
  #endOfHeader(octets: Buffer): number | undefined {
    for (let at = 0; at < octets.length; at += 1) {
      const octet = octets[at];
      if (octet === LF) {
        if (this.#place !== 'in-line') return at + 1;
        this.#place = 'line-start';
      } else {
        this.#place = this.#place === 'line-start' && octet === CR ? 'after-cr' : 'in-line';
      }
    }
    return undefined;
  }

  #parse(): ParsedHeader {
    return parseHeader(Buffer.concat(this.#headerChunks));
  }
}
