import { type KMSClient, SignCommand } from '@aws-sdk/client-kms';
import { Throttled } from '#shared/core/model/errors.ts';
import type { RequestSigner } from '#shared/app/ports/request-signer.ts';
import { isOutage } from './outage.ts';

/**
 * Signs in KMS.
 *
 * @param key ARN of an RSA key for signing
 */
export function kmsRequestSigner(client: KMSClient, key: string): RequestSigner {
  return {
    async sign(text) {
      try {
        const { Signature: signature } = await client.send(
          new SignCommand({
            KeyId: key,
            Message: Buffer.from(text),
            MessageType: 'RAW',
            SigningAlgorithm: 'RSASSA_PKCS1_V1_5_SHA_256',
          }),
        );
        if (signature === undefined) throw new Error('KMS answered a request to sign without one');
        return signature;
      } catch (error) {
        if (!(error instanceof Error && isOutage(error))) throw error;
        throw new Throttled(`KMS (${error.name}), signing,`, { cause: error });
      }
    },
  };
}
