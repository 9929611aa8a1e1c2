import {
  paginateListObjectsV2,
  PutObjectCommand,
  S3Client,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import type { AuditAnchors } from '#shared/app/ports/audit-log.ts';
import type { AnchoredHead } from '#shared/core/audit/chain.ts';
import type { AuditOwner } from '#shared/core/audit/entry.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client that the anchors use. */
export function auditAnchorsClient(config: S3ClientConfig = {}): S3Client {
  return new S3Client({ requestHandler: requestTimeouts({ requestMs: 5_000 }), ...config });
}

const PREFIX = 'heads/';

/**
 * The bucket of heads: an object each, `heads/<owner>/<time>/<number>/<hash>`, so that a list alone
 * reads them, in the order of time. The bucket's object lock and policy keep what is in it.
 */
export function s3AuditAnchors(client: S3Client, bucket: string): AuditAnchors {
  return {
    async add({ owner, at, number, hash }) {
      try {
        await client.send(
          new PutObjectCommand({
            Bucket: bucket,
            Key: `${PREFIX}${owner}/${at}/${number}/${hash}`,
            Body: JSON.stringify({ owner, at, number, hash }),
            ContentType: 'application/json',
            IfNoneMatch: '*',
          }),
        );
      } catch (error) {
        // It is there: the call of this hour came twice.
        if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
      }
    },

    async *of(owner) {
      const list = { Bucket: bucket, Prefix: `${PREFIX}${owner}/` };
      for await (const { Contents: objects = [] } of paginateListObjectsV2({ client }, list)) {
        for (const { Key: key = '' } of objects) yield anchorOf(key);
      }
    },
  };
}

/** @throws Error on an object that something else put there */
function anchorOf(key: string): AnchoredHead {
  const [, owner, at, number, hash] =
    /^heads\/([^/]+)\/([^/]+)\/(\d+)\/([0-9a-f]{64})$/.exec(key) ?? [];
  if (owner !== undefined && at !== undefined && hash !== undefined) {
    return { owner: owner as AuditOwner, at, number: Number(number), hash };
  }
  throw new Error(`the bucket of the audit log's heads has an object that is none: ${key}`);
}
