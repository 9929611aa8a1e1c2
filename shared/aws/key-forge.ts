import {
  type DataKeyPairSpec,
  GenerateDataKeyPairWithoutPlaintextCommand,
  KMSClient,
  type KMSClientConfig,
} from '@aws-sdk/client-kms';
import { Throttled } from '../domain/errors.ts';
import type { KeyAlgorithm, KeyContext } from '../domain/key-ring.ts';
import type { KeyForge } from '../ports/key-vault.ts';
import { isThrottlingName } from './outage.ts';

/** The client that forge and vault use; a connection that hangs is given up and tried again. */
export function kmsClient(config: KMSClientConfig = {}): KMSClient {
  return new KMSClient({
    requestHandler: {
      connectionTimeout: 1_000,
      requestTimeout: 5_000,
      throwOnRequestTimeout: true,
    },
    ...config,
  });
}

const pairSpecs: Record<KeyAlgorithm, DataKeyPairSpec> = {
  'rsa-sha256': 'RSA_2048',
  'ed25519-sha256': 'ECC_NIST_EDWARDS25519',
};

/** KMS's own key pairs: the private half leaves KMS only wrapped. */
export class KmsKeyForge implements KeyForge {
  readonly #client: KMSClient;
  readonly #wrappingKey: string;

  /** @param wrappingKey ARN of the symmetric key that wraps */
  constructor(client: KMSClient, wrappingKey: string) {
    this.#client = client;
    this.#wrappingKey = wrappingKey;
  }

  async generate(
    algorithm: KeyAlgorithm,
    context: KeyContext,
  ): Promise<{ publicKeySpki: Buffer; wrappedPrivateKey: Buffer }> {
    const { PublicKey: publicKey, PrivateKeyCiphertextBlob: privateKey } = await this.#call(
      new GenerateDataKeyPairWithoutPlaintextCommand({
        KeyId: this.#wrappingKey,
        KeyPairSpec: pairSpecs[algorithm],
        EncryptionContext: { ...context },
      }),
    );
    if (publicKey === undefined || privateKey === undefined) {
      throw new Error(`KMS answered the pair of key ${context.keyId} without both of its halves`);
    }
    return { publicKeySpki: Buffer.from(publicKey), wrappedPrivateKey: Buffer.from(privateKey) };
  }

  async #call(command: GenerateDataKeyPairWithoutPlaintextCommand) {
    try {
      return await this.#client.send(command);
    } catch (error) {
      if (error instanceof Error && isThrottlingName(error.name)) {
        throw new Throttled('KMS, generating a key pair,', { cause: error });
      }
      throw error;
    }
  }
}
