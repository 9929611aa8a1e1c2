import { GetObjectCommand, NoSuchKey, type S3Client } from '@aws-sdk/client-s3';
import type { Readable } from 'node:stream';
import type { ReportMails } from '#shared/app/ports/report-store.ts';
import { readExactly } from './mail-store.ts';

/** The bucket that the receipt rule stores report mail in. */
export function s3ReportMails(client: S3Client, bucket: string): ReportMails {
  return {
    async get(key, most) {
      try {
        const { Body: body, ContentLength: length } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key }),
        );
        if (body === undefined || length === undefined) {
          throw new Error(`S3 answered ${key} without a body or its length`);
        }
        if (length <= most) return await readExactly(body as AsyncIterable<Uint8Array>, length);
        // The unread response would keep the connection busy.
        (body as Readable).destroy();
        return 'too-large';
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        throw error;
      }
    },
  };
}
