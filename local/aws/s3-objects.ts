import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse, Clock } from './http.ts';
import { empty, notImplemented } from './s3-answers.ts';
import type { S3Store, StoredObject } from './s3-store.ts';
import { receiveUpload } from './s3-upload.ts';

const LONGEST_KEY = 1024;
/** Headers of an object that are kept and given back; `aws-chunked` is how it came. */
const KEPT = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
];
const METADATA = 'x-amz-meta-';

const noSuchKey = (): AwsError =>
  new AwsError('NoSuchKey', 'The specified key does not exist.', 404);

const preconditionFailed = (condition: string): AwsError =>
  new AwsError(
    'PreconditionFailed',
    `At least one of the pre-conditions you specified did not hold: ${condition}`,
    412,
  );

function keptHeaders(request: AwsRequest): Record<string, string> {
  const { 'content-encoding': coding = '', ...headers } = request.headers;
  const codings = coding.split(/\s*,\s*/).filter((each) => each !== '' && each !== 'aws-chunked');
  const kept = Object.entries(headers).filter(
    ([name]) => KEPT.includes(name) || name.startsWith(METADATA),
  );
  return {
    'content-type': 'binary/octet-stream',
    ...Object.fromEntries(kept),
    ...(codings.length > 0 && { 'content-encoding': codings.join(', ') }),
  };
}

/** @throws AwsError PreconditionFailed where `If-Match` names another version */
const requireMatch = ({ headers }: AwsRequest, { etag }: StoredObject): void => {
  if (headers['if-none-match'] !== undefined) throw notImplemented('If-None-Match on GET');
  const condition = headers['if-match'];
  if (condition === undefined || condition === '*') return;
  if (condition.replaceAll('"', '') !== etag.replaceAll('"', '')) {
    throw preconditionFailed('If-Match');
  }
};

/** Answers requests for one object. */
export function objectOperations(store: S3Store, now: Clock) {
  const putObject = async (
    request: AwsRequest,
    bucket: string,
    key: string,
  ): Promise<AwsResponse> => {
    if (Buffer.byteLength(key) > LONGEST_KEY) {
      throw new AwsError('KeyTooLongError', 'Your key is too long');
    }
    requireAbsent(request, bucket, key);
    const { file, path } = store.newFile();
    const uploaded = await receiveUpload(request, path);
    try {
      // Another upload may have ended first.
      requireAbsent(request, bucket, key);
    } catch (error) {
      await store.dropFile(file);
      throw error;
    }
    const object = { ...uploaded, key, modifiedAt: now(), headers: keptHeaders(request) };
    await store.put(bucket, object, file);
    return empty(200, { etag: uploaded.etag, ...uploaded.checksums });
  };

  /** @throws AwsError PreconditionFailed where `If-None-Match: *` finds an object */
  const requireAbsent = ({ headers }: AwsRequest, bucket: string, key: string): void => {
    const condition = headers['if-none-match'];
    if (headers['if-match'] !== undefined) throw notImplemented('If-Match on PUT');
    if (condition === undefined) return;
    if (condition !== '*') throw notImplemented('If-None-Match on PUT but with "*"');
    if (store.get(bucket, key) !== undefined) throw preconditionFailed('If-None-Match');
  };

  const found = (bucket: string, key: string): StoredObject => {
    const object = store.get(bucket, key);
    if (object === undefined) throw noSuchKey();
    return object;
  };

  const onObject = async (
    request: AwsRequest,
    bucket: string,
    key: string,
  ): Promise<AwsResponse> => {
    switch (request.method) {
      case 'PUT':
        return putObject(request, bucket, key);
      case 'HEAD': {
        const object = found(bucket, key);
        requireMatch(request, object);
        return empty(200, headersOf(object, request));
      }
      case 'GET': {
        const object = found(bucket, key);
        requireMatch(request, object);
        const headers = headersOf(object, request);
        const file = await store.open(bucket, key);
        return { status: 200, headers, body: file.createReadStream() };
      }
      case 'DELETE':
        await store.delete(bucket, key);
        return empty(204);
      default:
        throw notImplemented(`${request.method} on an object`);
    }
  };

  return onObject;
}

const headersOf = (object: StoredObject, { headers }: AwsRequest): Record<string, string> => ({
  ...object.headers,
  ...(headers['x-amz-checksum-mode'] === 'ENABLED' && object.checksums),
  'content-length': String(object.size),
  etag: object.etag,
  'last-modified': new Date(object.modifiedAt).toUTCString(),
});
