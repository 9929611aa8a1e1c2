import * as z from 'zod';
import { readJsonFile, writeFileAtomically } from '../../aws/state-file.ts';

const schema = z.record(z.string(), z.string());

/**
 * Stores how far each stream was processed, in a file, so that a killed run goes on where it was.
 */
export class Checkpoints {
  readonly #file: string;
  readonly #positions: Map<string, string>;

  /** @throws Error on a file that is not one of these */
  constructor(file: string) {
    this.#file = file;
    this.#positions = new Map(Object.entries(schema.parse(readJsonFile(file) ?? {})));
  }

  /** The sequence number of the last record that is done with. */
  get(key: string): string | undefined {
    return this.#positions.get(key);
  }

  set(key: string, sequenceNumber: string): void {
    this.#positions.set(key, sequenceNumber);
    this.#write();
  }

  delete(key: string): void {
    this.#positions.delete(key);
    this.#write();
  }

  #write(): void {
    writeFileAtomically(this.#file, JSON.stringify(Object.fromEntries(this.#positions), null, 2));
  }
}
