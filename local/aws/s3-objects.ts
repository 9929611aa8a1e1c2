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
    const { file, path } = store.newFile();
    const uploaded = await receiveUpload(request, path);
    const object = { ...uploaded, key, modifiedAt: now(), headers: keptHeaders(request) };
    await store.put(bucket, object, file);
    return empty(200, { etag: uploaded.etag, ...uploaded.checksums });
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
      case 'HEAD':
        return empty(200, headersOf(found(bucket, key), request));
      case 'GET': {
        const headers = headersOf(found(bucket, key), request);
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
