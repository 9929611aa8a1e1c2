import {
  type DataKeyPairSpec,
  GenerateDataKeyPairWithoutPlaintextCommand,
  KMSClient,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import { Throttled } from '#shared/core/model/errors.ts';
import type { KeyAlgorithm } from '#shared/core/model/key-ring.ts';
import type { KeyForge } from '#shared/app/ports/key-vault.ts';
import { isThrottlingName } from './outage.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client that forge and vault use. */
export function kmsClient(config: KMSClientConfig = {}): KMSClient {
  return new KMSClient({
    requestHandler: requestTimeouts(),
    ...config,
  });
}

const pairSpecs: Record<KeyAlgorithm, DataKeyPairSpec> = {
  'rsa-sha256': 'RSA_2048',
  'ed25519-sha256': 'ECC_NIST_EDWARDS25519',
};

/**
 * KMS's own key pairs: the private half leaves KMS only wrapped.
 *
 * @param wrappingKey ARN of the symmetric key that wraps
 */
export function kmsKeyForge(client: KMSClient, wrappingKey: string): KeyForge {
  return {
    async generate(algorithm, context) {
      const { PublicKey: publicKey, PrivateKeyCiphertextBlob: privateKey } = await client
        .send(
          new GenerateDataKeyPairWithoutPlaintextCommand({
            KeyId: wrappingKey,
            KeyPairSpec: pairSpecs[algorithm],
            EncryptionContext: { ...context },
          }),
        )
        .catch(rethrow);
      if (publicKey === undefined || privateKey === undefined) {
        throw new Error(`KMS answered the pair of key ${context.keyId} without both of its halves`);
      }
      return { publicKeySpki: Buffer.from(publicKey), wrappedPrivateKey: Buffer.from(privateKey) };
    },
  };
}

function rethrow(error: unknown): never {
  if (error instanceof Error && isThrottlingName(error.name)) {
    throw new Throttled('KMS, generating a key pair,', { cause: error });
  }
  throw error;
}
