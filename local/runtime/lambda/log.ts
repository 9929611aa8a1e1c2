import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs';
import { join } from 'node:path';

/** A log file of JSON lines; what a function prints that is no JSON object is put in one. */
export class LogFile {
  readonly path: string;
  readonly #stream: WriteStream;

  constructor(folder: string, name: string) {
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
      if (isJsonObject(line)) this.#stream.write(`${line}\n`);
      else this.write({ timestamp: new Date().toISOString(), level, requestId, message: line });
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

function isJsonObject(line: string): boolean {
  if (!line.startsWith('{')) return false;
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}
