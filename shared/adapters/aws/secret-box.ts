import { DecryptCommand, EncryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Throttled } from '#shared/core/model/errors.ts';
import type { SecretBox, SecretContext } from '#shared/app/ports/secret-box.ts';
import { isOutage } from './outage.ts';

/** What KMS encrypts itself, in octets; what is longer is encrypted here, by a key that KMS seals. */
const MOST_BY_KMS = 4_096;

/** Begins what was encrypted here; what KMS sealed begins with its own version, 1. */
const LONG_FORM = 0xff;
const CIPHER = 'aes-256-gcm';
const KEY_LENGTH = 32;
const IV_LENGTH = 12;
const TAG_LENGTH = 16;
/** The form, and the length of the sealed key. */
const HEAD_LENGTH = 3;

/**
 * Seals secrets by KMS, with their context as the encryption context.
 *
 * @param secretsKey ARN of the symmetric key that seals
 */
export function kmsSecretBox(client: KMSClient, secretsKey: string): SecretBox {
  async function encrypt(plain: Buffer, context: SecretContext): Promise<Uint8Array> {
    const sealing = new EncryptCommand({
      KeyId: secretsKey,
      Plaintext: plain,
      EncryptionContext: { ...context },
    });
    const { CiphertextBlob: sealed } = await client.send(sealing).catch(rethrow);
    if (sealed === undefined) throw new Error('KMS sealed a secret, and answered without it');
    return sealed;
  }

  async function decrypt(sealed: Uint8Array, context: SecretContext): Promise<Buffer> {
    const opening = new DecryptCommand({
      KeyId: secretsKey,
      CiphertextBlob: sealed,
      EncryptionContext: { ...context },
    });
    const { Plaintext: secret } = await client.send(opening).catch(rethrow);
    if (secret === undefined) throw new Error('KMS opened a secret, and answered without it');
    return Buffer.from(secret);
  }

  return {
    async seal(secret, context) {
      const plain = Buffer.from(secret, 'utf8');
      if (plain.length <= MOST_BY_KMS) return encrypt(plain, context);
      const key = randomBytes(KEY_LENGTH);
      return longForm(await encrypt(key, context), key, plain);
    },

    async open(sealed, context) {
      if (sealed[0] !== LONG_FORM) return (await decrypt(sealed, context)).toString('utf8');
      const { sealedKey, rest } = partsOf(Buffer.from(sealed));
      return decipher(rest, await decrypt(sealedKey, context)).toString('utf8');
    },
  };
}

/** The form, the length of the sealed key in two octets, that key, the IV, the tag, the ciphertext. */
function longForm(sealedKey: Uint8Array, key: Buffer, plain: Buffer): Buffer {
  // The key is used once, and KMS binds it to the context.
  const iv = randomBytes(IV_LENGTH);
  const cipher = createCipheriv(CIPHER, key, iv);
  const encrypted = Buffer.concat([cipher.update(plain), cipher.final()]);
  const head = Buffer.from([LONG_FORM, 0, 0]);
  head.writeUInt16BE(sealedKey.length, 1);
  return Buffer.concat([head, sealedKey, iv, cipher.getAuthTag(), encrypted]);
}

function partsOf(sealed: Buffer): { readonly sealedKey: Buffer; readonly rest: Buffer } {
  const end = HEAD_LENGTH + sealed.readUInt16BE(1);
  return { sealedKey: sealed.subarray(HEAD_LENGTH, end), rest: sealed.subarray(end) };
}

/** @throws Error where it is damaged */
function decipher(rest: Buffer, key: Buffer): Buffer {
  const start = IV_LENGTH + TAG_LENGTH;
  const opener = createDecipheriv(CIPHER, key, rest.subarray(0, IV_LENGTH), {
    authTagLength: TAG_LENGTH,
  });
  opener.setAuthTag(rest.subarray(IV_LENGTH, start));
  return Buffer.concat([opener.update(rest.subarray(start)), opener.final()]);
}

function rethrow(error: unknown): never {
  if (error instanceof Error && isOutage(error)) {
    throw new Throttled(`KMS (${error.name})`, { cause: error });
  }
  throw error;
}
