import {
  GetObjectCommand,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  type GetObjectCommandOutput,
  type S3ClientConfig,
} from '@aws-sdk/client-s3';
import { allocateMail } from '#shared/core/mail/room.ts';
import { type MailKey, type MailStore, ReplacedMail } from '#shared/app/ports/mail.ts';
import { requestTimeouts } from './request-timeouts.ts';

/** The client that the mail store uses. */
export function mailStoreClient(config: S3ClientConfig = {}): S3Client {
  return new S3Client({
    requestHandler: requestTimeouts({ requestMs: 10_000 }),
    ...config,
  });
}

/** The mail bucket: `mail/<tenant>/<id>/<fingerprint>`. */
export function s3MailStore(client: S3Client, bucket: string): MailStore {
  return {
    async put(key, raw) {
      const { ETag: etag } = await client.send(
        new PutObjectCommand({
          Bucket: bucket,
          Key: objectKey(key),
          Body: raw,
          ContentLength: raw.length,
          ContentType: 'message/rfc822',
        }),
      );
      if (etag === undefined) throw new Error(`S3 took ${objectKey(key)} without an ETag`);
      return etag;
    },

    async get(key, etag) {
      try {
        const answer = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: objectKey(key), IfMatch: etag }),
        );
        return await contentOf(objectKey(key), answer);
      } catch (error) {
        if (error instanceof NoSuchKey) return undefined;
        if (error instanceof Error && error.name === 'PreconditionFailed') throw new ReplacedMail();
        throw error;
      }
    },
  };
}

const objectKey = ({ tenant, id, fingerprint }: MailKey) => `mail/${tenant}/${id}/${fingerprint}`;

/**
 * Reads the content of an object that S3 answered.
 *
 * @param name for errors
 */
export async function contentOf(
  name: string,
  { Body: body, ContentLength: length }: GetObjectCommandOutput,
): Promise<Buffer> {
  if (body === undefined || length === undefined) {
    throw new Error(`S3 answered ${name} without a body or its length`);
  }
  return readExactly(body as AsyncIterable<Uint8Array>, length);
}

/** Reads straight into one buffer, so that a mail is never held twice. */
export async function readExactly(
  body: AsyncIterable<Uint8Array>,
  length: number,
): Promise<Buffer> {
  const raw = allocateMail(length);
  let at = 0;
  for await (const part of body) {
    if (at + part.length > length)
      throw new Error(`S3 sent more than the ${length} octets it told`);
    raw.set(part, at);
    at += part.length;
  }
  if (at !== length) throw new Error(`S3 sent ${at} octets of the ${length} it told`);
  return raw;
}
