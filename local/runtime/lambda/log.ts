import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** A log file of JSON lines; what a function prints that is no JSON object is put in one. */
export class LogFile {
  readonly path: string;
  readonly #stream: WriteStream;
  readonly #onEntry: (entry: Readonly<Record<string, unknown>>) => void;

  /** @param onEntry gets each JSON object that is printed */
  constructor(
    folder: string,
    name: string,
    onEntry: (entry: Readonly<Record<string, unknown>>) => void = () => {},
  ) {
    this.#onEntry = onEntry;
    mkdirSync(folder, { recursive: true });
    this.path = join(folder, `${name}.log`);
    this.#stream = createWriteStream(this.path, { flags: 'a' });
  }

  write(entry: object): void {
    this.#stream.write(`${JSON.stringify(entry)}\n`);
  }

  /** Takes over what a function printed. */
  print(text: string, level: 'INFO' | 'ERROR', requestId: string | undefined): void {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      const entry = jsonObjectOf(line);
      if (entry !== undefined) {
        this.#stream.write(`${line}\n`);
        this.#onEntry(entry);
      } else this.write({ timestamp: new Date().toISOString(), level, requestId, message: line });
    }
  }

  /** Resolves when all is on disk. */
  close(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#stream.once('error', reject);
      this.#stream.end(() => resolve());
    });
  }
}

function jsonObjectOf(line: string): Readonly<Record<string, unknown>> | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line) as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
