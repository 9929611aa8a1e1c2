import { DecryptCommand, type KMSClient } from '@aws-sdk/client-kms';
import { createPrivateKey } from 'node:crypto';
import { Throttled } from '#shared/core/model/errors.ts';
import type { KeyContext } from '#shared/core/model/key-ring.ts';
import { Undecipherable, type KeyVault } from '#shared/app/ports/key-vault.ts';
import { isOutage } from './outage.ts';

/** The wrapping key is switched off, by mistake or for an incident; an operator switches it on again. */
const keyStopped = new Set([
  'DisabledException',
  'KeyUnavailableException',
  'KMSInvalidStateException',
]);

/**
 * Unwraps with the KMS key that wrapped; the plaintext is wiped once it is a KeyObject.
 *
 * @param wrappingKey ARN of the symmetric key that wrapped
 */
export function kmsKeyVault(client: KMSClient, wrappingKey: string): KeyVault {
  const decrypt = async (wrapped: Buffer, context: KeyContext): Promise<Buffer> => {
    try {
      const { Plaintext: plaintext } = await client.send(
        new DecryptCommand({
          KeyId: wrappingKey,
          CiphertextBlob: wrapped,
          EncryptionContext: { ...context },
        }),
      );
      if (plaintext === undefined) throw new Error(`KMS answered key ${context.keyId} without it`);
      return Buffer.from(plaintext.buffer, plaintext.byteOffset, plaintext.byteLength);
    } catch (error) {
      if (error instanceof Error && (isOutage(error) || keyStopped.has(error.name))) {
        const what = `KMS (${error.name}), unwrapping key ${context.keyId},`;
        throw new Throttled(what, { cause: error });
      }
      if (error instanceof Error && error.name === 'InvalidCiphertextException') {
        throw new Undecipherable(context.keyId, { cause: error });
      }
      throw error;
    }
  };
  return {
    async unwrap(wrappedPrivateKey, context) {
      const plaintext = await decrypt(wrappedPrivateKey, context);
      try {
        return createPrivateKey({ key: plaintext, format: 'der', type: 'pkcs8' });
      } finally {
        plaintext.fill(0);
      }
    },
  };
}
