import { type FileHandle, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/**
 * A mail as it comes in: in memory up to a size, on disk beyond it, so that a slow client with a
 * large mail costs no memory.
 */
export class IncomingMail {
  readonly #path: string;
  readonly #memoryOctets: number;
  #pieces: Buffer[] = [];
  #size = 0;
  #file: FileHandle | undefined;

  /**
   * @param folder holds the spooled mail; its user is this process alone
   * @param name distinguishes it there
   */
  constructor(folder: string, name: string, memoryOctets: number) {
    this.#path = join(folder, name);
    this.#memoryOctets = memoryOctets;
  }

  get size(): number {
    return this.#size;
  }

  /** True if the mail is too large for memory, and `start` is empty. */
  get isSpooled(): boolean {
    return this.#file !== undefined;
  }

  /** The octets so far, while they are in memory. */
  get start(): Buffer {
    return Buffer.concat(this.#pieces);
  }

  /** Takes the next octets, and waits for the disk. @throws Error where it is full or broken */
  async add(piece: Buffer): Promise<void> {
    this.#size += piece.length;
    this.#pieces.push(piece);
    if (this.#size <= this.#memoryOctets) return;
    this.#file ??= await open(this.#path, 'wx', 0o600);
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const each of pieces) await this.#file.appendFile(each);
  }

  /** Returns the whole mail. @throws Error where the disk fails */
  async read(): Promise<Buffer> {
    return this.#file === undefined ? this.start : readFile(this.#path);
  }

  /** Forgets the mail. @throws Error where its file cannot be removed */
  async discard(): Promise<void> {
    this.#pieces = [];
    await this.#file?.close();
    if (this.#file !== undefined) await rm(this.#path, { force: true });
    this.#file = undefined;
  }
}
