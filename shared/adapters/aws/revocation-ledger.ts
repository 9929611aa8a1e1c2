import {
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { KeyId } from '#shared/core/model/names.ts';
import type { Revocation, RevocationLedger } from '#shared/app/ports/revocation-ledger.ts';
import { logger } from '#shared/runtime/log.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client that the ledger uses. */
export function revocationLedgerClient(config: S3ClientConfig = {}): S3Client {
  return new S3Client({ requestHandler: requestTimeouts({ requestMs: 5_000 }), ...config });
}

const PREFIX = 'revoked/';

/**
 * The bucket of revocations: an object each, `revoked/<time>/<key id>`, so that a list alone reads
 * them, in the order of time. The bucket's object lock and policy keep what is in it.
 */
export function s3RevocationLedger(client: S3Client, bucket: string): RevocationLedger {
  return {
    async add({ keyId, revokedAt }) {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `${PREFIX}${revokedAt}/${keyId}`,
            Body: JSON.stringify({ keyId, revokedAt }),
            ContentType: 'application/json',
            IfNoneMatch: '*',
          }),
        );
      } catch (error) {
        // It is there: the stream of the table came twice.
        if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
      }
    },

    async *since(from = '') {
      const list = { Bucket: bucket, Prefix: PREFIX, StartAfter: `${PREFIX}${from}` };
      for await (const { Contents: objects = [] } of paginateListObjectsV2({ client }, list)) {
        for (const { Key: key = '' } of objects) {
          const revocation = revocationOf(key);
          if (revocation !== undefined) yield revocation;
          else logger.error('the bucket of revocations has an object that is none', { key });
        }
      }
    },
  };
}

/**
 * Returns undefined for an object that something else put there. No object can be deleted from the
 * bucket, so one that is none must not stop those who read the others.
 */
function revocationOf(key: string): Revocation | undefined {
  const [, revokedAt, keyId] = /^revoked\/([^/]+)\/([^/]+)$/.exec(key) ?? [];
  if (revokedAt === undefined || keyId === undefined) return undefined;
  return { keyId: keyId as KeyId, revokedAt };
}
