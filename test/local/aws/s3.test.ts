import { createHash, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { ListObjectsV2CommandInput, PutObjectCommandInput } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Gateway } from '../../../local/aws/gateway.ts';
import { contentOfChunks } from '../../../local/aws/s3-chunked.ts';
import { createS3 } from '../../../local/aws/s3.ts';
import type { S3 } from '../../../local/aws/s3.ts';
import {
  allowAll,
  clientConfig,
  gatewayFor,
  refusal,
  REGION,
  remove,
  temporaryDirectory,
} from './stand-ins.ts';

const MEBIBYTE = 1_048_576;
let stateDir: string;
let s3: S3;
let gateway: Gateway;
let client: S3Client;
let denied: string | undefined;

async function start(): Promise<void> {
  s3 = createS3({ stateDir });
  gateway = await gatewayFor(
    { s3: s3.handle },
    {
      authorize: (key, call) =>
        call.action === denied ? { allowed: false, reason: 'of the test' } : allowAll(key, call),
    },
  );
  client = new S3Client({ ...clientConfig(gateway), forcePathStyle: true });
}
async function stop(): Promise<void> {
  client.destroy();
  await gateway.close();
  s3.close();
}
beforeEach(async () => {
  stateDir = temporaryDirectory();
  denied = undefined;
  await start();
  await client.send(new CreateBucketCommand({ Bucket: 'mails' }));
});
afterEach(async () => {
  await stop();
  remove(stateDir);
});

const files = (): string[] => readdirSync(join(stateDir, 's3', 'objects'));
const put = (Key: string, Body: PutObjectCommandInput['Body'], more = {}) =>
  client.send(new PutObjectCommand({ Bucket: 'mails', Key, Body, ...more }));
const getVersion = (IfMatch?: string) =>
  client.send(new GetObjectCommand({ Bucket: 'mails', Key: 'a', IfMatch }));
async function get(Key: string): Promise<Buffer> {
  const { Body } = await client.send(new GetObjectCommand({ Bucket: 'mails', Key }));
  return Buffer.from(await Body!.transformToByteArray());
}
const list = (more: Partial<ListObjectsV2CommandInput> = {}) =>
  client.send(new ListObjectsV2Command({ Bucket: 'mails', ...more }));

describe('buckets', () => {
  test('are made once, listed, and deleted when they are empty', async () => {
    const make = () => client.send(new CreateBucketCommand({ Bucket: 'mails' }));
    expect((await refusal(make())).name).toBe('BucketAlreadyOwnedByYou');
    await client.send(new HeadBucketCommand({ Bucket: 'mails' }));
    const { Buckets } = await client.send(new ListBucketsCommand());
    expect(Buckets).toMatchObject([{ Name: 'mails', CreationDate: expect.any(Date) as Date }]);
    await put('a', 'x');
    const deletion = () => client.send(new DeleteBucketCommand({ Bucket: 'mails' }));
    expect((await refusal(deletion())).name).toBe('BucketNotEmpty');
    await client.send(new DeleteObjectCommand({ Bucket: 'mails', Key: 'a' }));
    await deletion();
    const head = client.send(new HeadBucketCommand({ Bucket: 'mails' }));
    expect((await refusal(head)).name).toBe('NotFound');
    expect((await refusal(list())).name).toBe('NoSuchBucket');
    expect((await refusal(put('a', 'x'))).name).toBe('NoSuchBucket');
  });

  test('have names that S3 allows', async () => {
    const make = client.send(new CreateBucketCommand({ Bucket: 'No_Bucket' }));
    expect((await refusal(make)).name).toBe('InvalidBucketName');
  });
});

describe('an object', () => {
  test('has the type and the metadata that it was put with', async () => {
    const body = Buffer.from('Subject: ü\r\n\r\n');
    const md5 = createHash('md5').update(body).digest('hex');
    const { ETag } = await put('in/a b+ü%?#.eml', body, {
      ContentType: 'message/rfc822',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      Metadata: { who: 'me' },
    });
    expect(ETag).toBe(`"${md5}"`);
    const of = { Bucket: 'mails', Key: 'in/a b+ü%?#.eml' };
    const expected = {
      ContentType: 'message/rfc822',
      ContentEncoding: 'identity',
      CacheControl: 'no-store',
      ContentLength: body.length,
      ETag,
      LastModified: expect.any(Date) as Date,
      Metadata: { who: 'me' },
    };
    expect(await client.send(new HeadObjectCommand(of))).toMatchObject(expected);
    const got = await client.send(new GetObjectCommand(of));
    expect(got).toMatchObject({ ...expected, ChecksumCRC32: expect.any(String) as string });
    expect(Buffer.from(await got.Body!.transformToByteArray())).toEqual(body);
  });

  test.each([0, 1, 12 * MEBIBYTE, 64 * MEBIBYTE])(
    'of %i octets comes back as it was',
    async (size) => {
      const body = randomBytes(size);
      await put('large', body);
      expect((await get('large')).equals(body)).toBe(true);
      expect(files()).toHaveLength(1);
    },
  );

  test('is taken as a stream, whose length comes beforehand or with its chunks', async () => {
    const body = randomBytes(3 * MEBIBYTE + 1);
    const chunks = () =>
      Readable.from(
        Array.from({ length: 4 }, (_, index) =>
          body.subarray(index * MEBIBYTE, (index + 1) * MEBIBYTE),
        ),
      );
    await put('stream', chunks(), { ContentLength: body.length });
    expect((await get('stream')).equals(body)).toBe(true);
    const sha = createHash('sha256').update(body).digest('base64');
    await put('stream', chunks(), { ContentLength: body.length, ChecksumAlgorithm: 'SHA256' });
    const got = await client.send(
      new GetObjectCommand({ Bucket: 'mails', Key: 'stream', ChecksumMode: 'ENABLED' }),
    );
    expect(got.ChecksumSHA256).toBe(sha);
    expect((await got.Body!.transformToByteArray()).length).toBe(body.length);
  });

  test('is replaced as a whole, and its old content can be read to its end', async () => {
    const body = randomBytes(8 * MEBIBYTE);
    await put('a', body);
    const before = await client.send(new GetObjectCommand({ Bucket: 'mails', Key: 'a' }));
    await put('a', 'new');
    expect(files()).toHaveLength(1);
    expect(Buffer.from(await before.Body!.transformToByteArray()).equals(body)).toBe(true);
    expect((await get('a')).toString()).toBe('new');
  });

  test('is put where none is, and got in the version that is asked for', async () => {
    const { ETag: etag } = await put('a', 'x', { IfNoneMatch: '*' });
    expect((await refusal(put('a', 'y', { IfNoneMatch: '*' }))).name).toBe('PreconditionFailed');
    expect((await get('a')).toString()).toBe('x');
    expect(await (await getVersion(etag)).Body?.transformToString()).toBe('x');
    await put('a', 'z');
    expect((await refusal(getVersion(etag))).name).toBe('PreconditionFailed');
    expect(files()).toHaveLength(1);
  });

  test('that is not there says so', async () => {
    await expect(get('none')).rejects.toThrow(NoSuchKey);
    const head = client.send(new HeadObjectCommand({ Bucket: 'mails', Key: 'none' }));
    expect((await refusal(head)).name).toBe('NotFound');
    await client.send(new DeleteObjectCommand({ Bucket: 'mails', Key: 'none' }));
  });

  test.each<[string, Partial<PutObjectCommandInput>, string]>([
    ['another MD5', { ContentMD5: createHash('md5').update('y').digest('base64') }, 'BadDigest'],
    ['another CRC32', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    ['another SHA-1', { ChecksumSHA1: createHash('sha1').digest('base64') }, 'BadDigest'],
    ['a checksum that is not known', { ChecksumCRC64NVME: 'AAAAAAAAAAA=' }, 'NotImplemented'],
    ['a condition that is not known', { IfNoneMatch: '"x"' }, 'NotImplemented'],
    ['a version that it replaces', { IfMatch: '"x"' }, 'NotImplemented'],
    ['a storage class', { StorageClass: 'GLACIER' }, 'NotImplemented'],
    ['a key of 1025 octets', { Key: 'ü'.repeat(513) }, 'KeyTooLongError'],
  ])('with %s is refused, and leaves nothing behind', async (_what, more, code) => {
    expect((await refusal(put('a', 'x', more))).name).toBe(code);
    expect(files()).toEqual([]);
    expect((await list()).KeyCount).toBe(0);
  });

  test('that may not be put is read to its end, so that the answer arrives', async () => {
    denied = 's3:PutObject';
    const refused = await refusal(put('a', randomBytes(5 * MEBIBYTE)));
    expect(refused.name).toBe('AccessDenied');
    expect(files()).toEqual([]);
  });

  test('that breaks off is none', async () => {
    const sending = httpRequest(`${gateway.url}/mails/half`, {
      method: 'PUT',
      headers: {
        'content-length': '1000',
        authorization: `AWS4-HMAC-SHA256 Credential=a/20260101/${REGION}/s3/aws4_request`,
      },
    });
    sending.on('error', () => {});
    sending.write(Buffer.alloc(500));
    await expect.poll(files).toHaveLength(1);
    sending.destroy();
    await expect.poll(files).toEqual([]);
    await expect(get('half')).rejects.toThrow(NoSuchKey);
  });

  test('is put and got by a presigned URL', async () => {
    const config = { ...clientConfig(gateway), forcePathStyle: true };
    const signer = new S3Client({ ...config, requestChecksumCalculation: 'WHEN_REQUIRED' });
    const place = { Bucket: 'mails', Key: 'up/load (1) é.eml' };
    const body = randomBytes(2 * MEBIBYTE);
    const put = await getSignedUrl(signer, new PutObjectCommand(place), { expiresIn: 900 });
    const sent = await fetch(put, { method: 'PUT', body });
    expect(sent.status).toBe(200);
    const get = await getSignedUrl(signer, new GetObjectCommand(place), { expiresIn: 900 });
    const got = await fetch(get);
    expect(Buffer.from(await got.arrayBuffer()).equals(body)).toBe(true);
  });

  test('survives a restart, which removes what was never finished', async () => {
    await put('a', 'kept');
    await stop();
    writeFileSync(join(stateDir, 's3', 'objects', 'orphan'), 'x');
    await start();
    expect((await get('a')).toString()).toBe('kept');
    expect(existsSync(join(stateDir, 's3', 'objects', 'orphan'))).toBe(false);
  });
});

const octets = (key: string): string => Buffer.from(key).toString('hex');
const deleteAll = (Quiet: boolean, ...gone: string[]) =>
  client.send(
    new DeleteObjectsCommand({
      Bucket: 'mails',
      Delete: { Quiet, Objects: gone.map((Key) => ({ Key })) },
    }),
  );

describe('several objects', () => {
  const keys = ['a', 'a/1', 'a/2', 'b/1/x', 'b/2', 'c\u{10000}', 'c\uFFFD', 'ü'];
  beforeEach(async () => {
    for (const key of keys) await put(key, key);
  });

  test('are listed by their keys as octets, a page after the other', async () => {
    const sorted = keys.toSorted((x, y) => (octets(x) < octets(y) ? -1 : 1));
    const listed: (string | undefined)[] = [];
    for (let token: string | undefined; ;) {
      const page = await list({ MaxKeys: 3, ...(token && { ContinuationToken: token }) });
      listed.push(...(page.Contents ?? []).map(({ Key }) => Key));
      expect(page.IsTruncated).toBe(page.NextContinuationToken !== undefined);
      token = page.NextContinuationToken;
      if (token === undefined) break;
    }
    expect(listed).toEqual(sorted);
  });

  test('are listed by prefix, after a key, and by common prefixes', async () => {
    const keysOf = async (more: Partial<ListObjectsV2CommandInput>) =>
      (await list(more)).Contents?.map(({ Key }) => Key);
    expect(await keysOf({ Prefix: 'a' })).toEqual(['a', 'a/1', 'a/2']);
    expect(await keysOf({ StartAfter: 'a/1', Prefix: 'a' })).toEqual(['a/2']);
    const grouped = await list({ Delimiter: '/', EncodingType: 'url', MaxKeys: 3 });
    expect(grouped.Contents?.map(({ Key }) => Key)).toEqual(['a']);
    expect(grouped.CommonPrefixes).toEqual([{ Prefix: 'a%2F' }, { Prefix: 'b%2F' }]);
    const rest = await list({
      Delimiter: '/',
      ContinuationToken: grouped.NextContinuationToken,
    });
    expect(rest).toMatchObject({ KeyCount: 3, IsTruncated: false });
  });

  test('are deleted together', async () => {
    expect((await deleteAll(false, 'a', 'none')).Deleted).toEqual([{ Key: 'a' }, { Key: 'none' }]);
    expect((await deleteAll(true, 'a/1')).Deleted).toBeUndefined();
    expect((await list()).KeyCount).toBe(keys.length - 2);
    expect(files()).toHaveLength(keys.length - 2);
  });
});

async function* inPieces(body: Buffer, sizes: readonly number[]): AsyncIterable<Buffer> {
  for (let at = 0, index = 0; at < body.length; index += 1) {
    const size = sizes[index % sizes.length]!;
    yield body.subarray(at, at + size);
    at += size;
  }
}
const read = async (body: AsyncIterable<Buffer>) => {
  const trailers: Record<string, string> = {};
  const parts: Buffer[] = [];
  for await (const part of contentOfChunks(body, (name, value) => (trailers[name] = value))) {
    parts.push(part);
  }
  return { content: Buffer.concat(parts), trailers };
};

describe('a body in chunks', () => {
  test('is put together however it arrives', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ minLength: 1, maxLength: 300 }), { maxLength: 5 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 5 }),
        async (chunks, sizes) => {
          const sent = Buffer.concat([
            ...chunks.flatMap((chunk) => [
              Buffer.from(`${chunk.length.toString(16)};chunk-signature=x\r\n`),
              Buffer.from(chunk),
              Buffer.from('\r\n'),
            ]),
            Buffer.from('0\r\nX-Amz-Checksum-Crc32: AAAAAA==\r\n\r\n'),
          ]);
          const { content, trailers } = await read(inPieces(sent, sizes));
          expect(content.equals(Buffer.concat(chunks))).toBe(true);
          expect(trailers).toEqual({ 'x-amz-checksum-crc32': 'AAAAAA==' });
        },
      ),
    );
  });

  test.each(['', '5\r\nab', '2\r\nabc\r\n0\r\n\r\n', 'x\r\n', '1\r\na\r\n0\r\n', 'y'.repeat(9000)])(
    'that is %j is incomplete',
    async (body) => {
      await expect(read(inPieces(Buffer.from(body), [3]))).rejects.toThrow(/terminated/);
    },
  );
});
