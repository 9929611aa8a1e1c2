import { createHash } from 'node:crypto';
import { open, unlink } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';
import { contentOfChunks } from './s3-chunked.ts';

/** The result of an upload. */
export interface Uploaded {
  readonly size: number;
  /** With its quotes. */
  readonly etag: string;
  /** The checksum that the client gave, by its header. */
  readonly checksums: Readonly<Record<string, string>>;
}

interface Checksum {
  update(data: Buffer): void;
  base64(): string;
}

const hashing = (algorithm: string) => (): Checksum => {
  const hash = createHash(algorithm);
  return { update: (data) => void hash.update(data), base64: () => hash.digest('base64') };
};

function crc(): Checksum {
  let value = 0;
  return {
    update(data) {
      value = crc32(data, value);
    },
    base64() {
      const octets = Buffer.alloc(4);
      octets.writeUInt32BE(value);
      return octets.toString('base64');
    },
  };
}

const PREFIX = 'x-amz-checksum-';
const CHECKSUMS: Readonly<Record<string, () => Checksum>> = {
  [`${PREFIX}crc32`]: crc,
  [`${PREFIX}sha1`]: hashing('sha1'),
  [`${PREFIX}sha256`]: hashing('sha256'),
};

/** A field of the head, which a presigned URL has in its query. */
const field = ({ headers, query }: AwsRequest, name: string): string | undefined =>
  headers[name] ?? query.get(name) ?? undefined;

/** The header of the checksum that the request gives, before its content or after it. */
function checksumHeader(request: AwsRequest): string | undefined {
  const given = [...Object.keys(request.headers), ...request.query.keys()].find(
    (name) => name.startsWith(PREFIX) && name !== `${PREFIX}mode`,
  );
  const name = given ?? request.headers['x-amz-trailer'];
  if (name === undefined || Object.hasOwn(CHECKSUMS, name)) return name;
  throw new AwsError('NotImplemented', `The S3 stand-in has no ${name}.`, 501);
}

const badDigest = (name: string): AwsError =>
  new AwsError('BadDigest', `The ${name} you specified did not match the calculated checksum.`);

/**
 * Writes an upload to a file as it comes, and the file to disk.
 *
 * @throws AwsError where it is not what its head says; there is no file then
 */
export async function receiveUpload(request: AwsRequest, path: string): Promise<Uploaded> {
  const name = checksumHeader(request);
  const checksum = name === undefined ? undefined : CHECKSUMS[name]?.();
  const md5 = createHash('md5');
  const trailers = new Map<string, string>();
  const body = request.upload ?? [request.body];
  const isChunked = request.headers['content-encoding']?.includes('aws-chunked') === true;
  const content = isChunked
    ? contentOfChunks(body as AsyncIterable<Buffer>, (key, value) => trailers.set(key, value))
    : body;
  const file = await open(path, 'wx', 0o600);
  try {
    let size = 0;
    for await (const part of content) {
      size += part.length;
      md5.update(part);
      checksum?.update(part);
      await file.writeFile(part);
    }
    const length = request.headers['x-amz-decoded-content-length'];
    if (length !== undefined && Number(length) !== size) {
      throw new AwsError('IncompleteBody', `There are ${size} octets of ${length}.`);
    }
    const digest = md5.digest();
    const contentMd5 = field(request, 'content-md5');
    if (contentMd5 !== undefined && contentMd5 !== digest.toString('base64')) {
      throw badDigest('Content-MD5');
    }
    const checksums: Record<string, string> = {};
    if (name !== undefined && checksum !== undefined) {
      checksums[name] = checksum.base64();
      if (checksums[name] !== (trailers.get(name) ?? field(request, name))) throw badDigest(name);
    }
    await file.sync();
    return { size, etag: `"${digest.toString('hex')}"`, checksums };
  } catch (error) {
    await unlink(path);
    throw error;
  } finally {
    await file.close();
  }
}
