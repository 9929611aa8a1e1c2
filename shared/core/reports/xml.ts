import { Parser } from 'htmlparser2';
import { decoderFor } from './charset.ts';
import { UnreadableReport } from './unreadable.ts';

/** Receives the elements within the root that the reader searches for. */
export interface ElementReader {
  /** @param parent the name of the element around it */
  open(name: string, parent: string): void;
  /**
   * @param text its content, trimmed, at most `MAX_TEXT` characters; empty where it has
   *   elements of its own
   */
  close(name: string, text: string, parent: string): void;
}

/** Characters of a text that are kept. */
export const MAX_TEXT = 1_000;
const MAX_DEPTH = 32;
const SLICE = 65_536;
/** A quarter of a megabyte without a tag is no report, and would be kept in memory. */
const MAX_SLICES_WITHOUT_TAG = 4;

/**
 * Reads XML as it comes, to its end: tags that are not closed, bare `&` and what follows the root
 * do no harm; entities but XML's own five stay as they are written. Names are passed in lower case,
 * without prefix.
 *
 * @param root the element that is read; text around it is passed over
 * @throws UnreadableReport `entities`, `malformed`, `truncated`, `not-a-report`
 */
export async function readXml(
  pieces: AsyncIterable<Buffer> | Iterable<Buffer>,
  root: string,
  reader: ElementReader,
): Promise<void> {
  const state = new ReadingState(root, reader);
  const parser = new Parser(state, { xmlMode: true, decodeEntities: true });
  let decoder: ReturnType<typeof decoderFor> | undefined;
  let slicesWithoutTag = 0;
  for await (const piece of pieces) {
    for (let at = 0; at < piece.length && !state.done; at += SLICE) {
      const slice = piece.subarray(at, at + SLICE);
      decoder ??= decoderFor(slice);
      const before = state.tags;
      parser.write(decoder.decode(slice, { stream: true }));
      slicesWithoutTag = state.tags === before ? slicesWithoutTag + slice.length / SLICE : 0;
      if (slicesWithoutTag > MAX_SLICES_WITHOUT_TAG)
        throw malformed('has a tag or a text of over 256 KB');
    }
  }
  if (!state.done) parser.end();
  if (state.done) return;
  if (state.begun)
    throw new UnreadableReport('truncated', `The XML ends before its <${root}> does.`);
  throw new UnreadableReport('not-a-report', `The XML has no <${root}> element.`);
}

const malformed = (what: string) =>
  new UnreadableReport('malformed', `The XML ${what}, as no report does.`);

/** The parser's handler: keeps the path, and the text of the innermost element. */
class ReadingState {
  readonly #root: string;
  readonly #reader: ElementReader;
  readonly #path: string[] = [];
  readonly #names = new Map<string, string>();
  #text = '';
  /** Tags seen so far. */
  tags = 0;
  begun = false;
  done = false;

  constructor(root: string, reader: ElementReader) {
    this.#root = root;
    this.#reader = reader;
  }

  onopentagname(qualified: string): void {
    this.tags += 1;
    if (this.done) return;
    const name = this.#localName(qualified);
    const parent = this.#path.at(-1);
    if (parent !== undefined) this.#reader.open(name, parent);
    else if (name !== this.#root) return;
    if (this.#path.length === MAX_DEPTH) throw malformed(`is nested over ${MAX_DEPTH} deep`);
    this.begun = true;
    this.#path.push(name);
    this.#text = '';
  }

  ontext(text: string): void {
    if (this.#text.length < MAX_TEXT) this.#text += text.slice(0, MAX_TEXT);
  }

  onclosetag(_qualified: string, implied: boolean): void {
    this.tags += 1;
    if (this.done) return;
    const name = this.#path.pop();
    const parent = this.#path.at(-1);
    if (name !== undefined && parent !== undefined) {
      this.#reader.close(name, this.#text.trim(), parent);
      this.#text = '';
    } else if (name !== undefined) {
      // The parser closes what is still open at the end of its input.
      this.done = !implied;
    }
  }

  onprocessinginstruction(name: string, data: string): void {
    if (/^!entity/i.test(name) || /<!entity/i.test(data)) {
      throw new UnreadableReport('entities', 'The XML declares entities, which no report needs.');
    }
  }

  #localName(qualified: string): string {
    const known = this.#names.get(qualified);
    if (known !== undefined) return known;
    const name = qualified.slice(qualified.indexOf(':') + 1).toLowerCase();
    // As many as reports have; others, in any number, are not kept.
    if (this.#names.size < 100) this.#names.set(qualified, name);
    return name;
  }
}
