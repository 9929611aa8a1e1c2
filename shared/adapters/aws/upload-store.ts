import { GetObjectCommand, NoSuchKey, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { S3ClientConfig } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import type { TenantId, UploadId } from '#shared/core/model/names.ts';
import { UPLOAD_SECONDS, type UploadStore } from '#shared/app/ports/uploads.ts';
import { contentOf } from './mail-store.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client that signs and reads uploads. A signed request has no checksum of content that is not there yet. */
export function uploadStoreClient(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    requestChecksumCalculation: 'WHEN_REQUIRED',
    requestHandler: requestTimeouts({ requestMs: 15_000 }),
    ...config,
  });
}

/** The mail bucket: `uploads/<tenant>/<id>`. */
export function s3UploadStore(client: S3Client, bucket: string): UploadStore {
  return {
    async permit({ tenant, id, size, sha256 }) {
      const headers = {
        'content-length': String(size),
        'if-none-match': '*',
        ...(sha256 === undefined ? {} : { 'x-amz-checksum-sha256': sha256.toString('base64') }),
      };
      const command = new PutObjectCommand({
        Bucket: bucket,
        Key: objectKey(tenant, id),
        ContentLength: size,
        IfNoneMatch: '*',
        ChecksumSHA256: sha256?.toString('base64'),
      });
      const url = await getSignedUrl(client, command, {
        expiresIn: UPLOAD_SECONDS,
        signableHeaders: new Set(['host', ...Object.keys(headers)]),
        unhoistableHeaders: new Set(Object.keys(headers)),
      });
      return { url, headers };
    },

    async get(tenant, id) {
      try {
        const answer = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: objectKey(tenant, id) }),
        );
        return await contentOf(objectKey(tenant, id), answer);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
  };
}

const objectKey = (tenant: TenantId, id: UploadId) => `uploads/${tenant}/${id}`;
