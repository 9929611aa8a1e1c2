import { AwsError } from './http.ts';

const LINE_END = Buffer.from('\r\n');
/** A header of a chunk, or a trailer: longer ones are none. */
const LONGEST_LINE = 8192;

const incomplete = (): AwsError =>
  new AwsError('IncompleteBody', 'The request body terminated unexpectedly.');

/** Reads a stream line by line and by counts of octets. */
class Reader {
  readonly #chunks: AsyncIterator<Buffer>;
  #rest: Buffer = Buffer.alloc(0);

  constructor(body: AsyncIterable<Buffer>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  async line(): Promise<string> {
    for (;;) {
      const end = this.#rest.indexOf(LINE_END);
      if (end !== -1) {
        const line = this.#rest.subarray(0, end).toString('latin1');
        this.#rest = this.#rest.subarray(end + LINE_END.length);
        return line;
      }
      if (this.#rest.length > LONGEST_LINE) throw incomplete();
      this.#rest = Buffer.concat([this.#rest, await this.#next()]);
    }
  }

  async *octets(count: number): AsyncIterable<Buffer> {
    for (let left = count; left > 0;) {
      if (this.#rest.length === 0) this.#rest = await this.#next();
      const part = this.#rest.subarray(0, left);
      this.#rest = this.#rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }

  async #next(): Promise<Buffer> {
    const { done, value } = await this.#chunks.next();
    if (done === true) throw incomplete();
    return value;
  }
}

/**
 * Takes the content out of an `aws-chunked` body, as SDK clients send a stream. Signatures of
 * chunks are not checked.
 *
 * @param trailer gets each field that comes after the content, its name in lower case
 */
export async function* contentOfChunks(
  body: AsyncIterable<Buffer>,
  trailer: (name: string, value: string) => void,
): AsyncIterable<Buffer> {
  const reader = new Reader(body);
  for (;;) {
    const [size = ''] = (await reader.line()).split(';');
    if (!/^[0-9a-f]+$/i.test(size)) throw incomplete();
    const length = Number.parseInt(size, 16);
    if (length === 0) break;
    yield* reader.octets(length);
    if ((await reader.line()) !== '') throw incomplete();
  }
  for (let line = await reader.line(); line !== ''; line = await reader.line()) {
    const colon = line.indexOf(':');
    trailer(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}
