import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { AwsError } from './http.ts';
import type { JsonInput } from './json-protocol.ts';

/** The asymmetric keys that the stand-in has, all for signing. */
export const SIGNING_KEY_SPECS = ['RSA_2048', 'RSA_3072', 'RSA_4096'] as const;
export type SigningKeySpec = (typeof SIGNING_KEY_SPECS)[number];

const MODULUS_BITS: Readonly<Record<SigningKeySpec, number>> = {
  RSA_2048: 2048,
  RSA_3072: 3072,
  RSA_4096: 4096,
};

/** The algorithms of KMS for such a key; of these the stand-in does the first. */
export const SIGNING_ALGORITHMS = [
  'RSASSA_PKCS1_V1_5_SHA_256',
  'RSASSA_PKCS1_V1_5_SHA_384',
  'RSASSA_PKCS1_V1_5_SHA_512',
  'RSASSA_PSS_SHA_256',
  'RSASSA_PSS_SHA_384',
  'RSASSA_PSS_SHA_512',
] as const;

/** AWS's own limit on what Sign takes as it is. */
const MAX_MESSAGE = 4096;

/** A new private key, DER PKCS #8 in base64. */
export const newSigningKey = (spec: SigningKeySpec): string =>
  generateKeyPairSync('rsa', {
    modulusLength: MODULUS_BITS[spec],
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  }).privateKey.toString('base64');

const privateKeyOf = (secret: string) =>
  createPrivateKey({ key: Buffer.from(secret, 'base64'), format: 'der', type: 'pkcs8' });

/** DER SubjectPublicKeyInfo of a private key, in base64. */
export const publicKeyOf = (secret: string): string =>
  createPublicKey(privateKeyOf(secret)).export({ format: 'der', type: 'spki' }).toString('base64');

/** The answer to Sign but for the key's ARN. @throws AwsError */
export function signed(secret: string, input: JsonInput): object {
  input.only('KeyId', 'Message', 'MessageType', 'SigningAlgorithm');
  const algorithm = input.string('SigningAlgorithm');
  const type = input.optionalString('MessageType') ?? 'RAW';
  if (algorithm !== SIGNING_ALGORITHMS[0] || type !== 'RAW') {
    throw new AwsError(
      'UnsupportedOperationException',
      `The stand-in signs RAW messages with ${SIGNING_ALGORITHMS[0]}, not ${type} with ${algorithm}.`,
    );
  }
  const message = input.blob('Message');
  if (message.length === 0 || message.length > MAX_MESSAGE) {
    throw new AwsError(
      'ValidationException',
      `1 validation error detected: Value at 'message' failed to satisfy constraint: Member must have length from 1 to ${MAX_MESSAGE}`,
    );
  }
  const signature = sign('sha256', message, privateKeyOf(secret));
  return { Signature: signature.toString('base64'), SigningAlgorithm: algorithm };
}
