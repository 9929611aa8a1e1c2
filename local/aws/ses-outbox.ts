import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** `.<message id>.eml.part`, `.<message id>.delivered.eml.part` */
const PART = /^\.(.+?)(\.delivered)?\.eml\.part$/;

/**
 * The folder that shows what was sent: `<id>.eml`, the very octets SES was given, and
 * `<id>.delivered.eml`, what SES makes of them. Files are written beside their place first, and come
 * into it once the journal has the message, also where a crash was in between.
 */
export class Outbox {
  readonly #directory: string;

  /** @param isAccepted true if the journal has a message; other messages' files are deleted */
  constructor(directory: string, isAccepted: (messageId: string) => boolean) {
    this.#directory = directory;
    mkdirSync(directory, { recursive: true });
    for (const name of readdirSync(directory)) {
      const match = PART.exec(name);
      if (match === null) continue;
      const [, messageId = ''] = match;
      if (isAccepted(messageId)) renameSync(join(directory, name), this.#finalPath(name));
      else rmSync(join(directory, name));
    }
  }

  /** Writes the parts; `commit` puts them in place. */
  stage(messageId: string, given: Buffer, delivered: Buffer | undefined): { commit(): void } {
    const names = [`.${messageId}.eml.part`];
    writeFileSync(join(this.#directory, `.${messageId}.eml.part`), given);
    if (delivered !== undefined) {
      // First, so that any reader of the other file finds this one there.
      names.unshift(`.${messageId}.delivered.eml.part`);
      writeFileSync(join(this.#directory, `.${messageId}.delivered.eml.part`), delivered);
    }
    return {
      commit: () => {
        for (const name of names) renameSync(join(this.#directory, name), this.#finalPath(name));
      },
    };
  }

  #finalPath(part: string): string {
    return join(this.#directory, part.replace(/^\./, '').replace(/\.part$/, ''));
  }
}
