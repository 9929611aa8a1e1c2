import type { SecretBox, SecretContext } from '#shared/app/ports/secret-box.ts';

const sealedAs = (secret: string, { purpose, tenant, id }: SecretContext): string =>
  JSON.stringify([purpose, tenant, id, Buffer.from(secret).toString('base64')]);

/** Seals by encoding, and counts the calls. */
export class MemorySecretBox implements SecretBox {
  sealed = 0;
  opened = 0;
  /** Errors that the next calls fail with, one each. */
  readonly failing: Error[] = [];

  async seal(secret: string, context: SecretContext): Promise<Uint8Array> {
    this.#fail();
    this.sealed += 1;
    return Buffer.from(sealedAs(secret, context));
  }

  async open(sealed: Uint8Array, context: SecretContext): Promise<string> {
    this.#fail();
    this.opened += 1;
    const [, , , encoded = ''] = JSON.parse(Buffer.from(sealed).toString()) as string[];
    const secret = Buffer.from(encoded, 'base64').toString();
    if (sealedAs(secret, context) !== Buffer.from(sealed).toString()) {
      throw new Error('the secret was sealed with another context');
    }
    return secret;
  }

  #fail(): void {
    const failure = this.failing.shift();
    if (failure !== undefined) throw failure;
  }
}
