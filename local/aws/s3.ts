import { AwsError } from './http.ts';
import type { AwsHandler, AwsRequest, AwsResponse, Clock } from './http.ts';
import { takeEarlierObjects } from './s3-earlier-state.ts';
import { listResult, readListQuery, S3_NAMESPACE } from './s3-list.ts';
import { S3Store } from './s3-store.ts';
import type { StoredObject } from './s3-store.ts';
import { receiveUpload } from './s3-upload.ts';
import { childText, element, parseXml, xmlDocument } from './xml.ts';
import type { Xml } from './xml.ts';

export interface S3Options {
  readonly stateDir: string;
  readonly now?: Clock;
}

export interface S3 {
  readonly handle: AwsHandler;
  close(): void;
}

const BUCKET_NAME = /^(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]$/;
const LONGEST_KEY = 1024;
const MOST_DELETED = 1000;
/** Headers of an object that are kept and given back; `aws-chunked` is how it came. */
const KEPT = [
  'cache-control',
  'content-disposition',
  'content-language',
  'content-type',
  'expires',
];
const METADATA = 'x-amz-meta-';
/** Headers that would change the answer and that are not known here. */
const UNKNOWN =
  /^(if-(none-)?match|if-(un)?modified-since|range|x-amz-(acl|copy-.*|grant-.*|object-lock-.*|server-side-.*|storage-class|tagging|website-.*|write-offset-.*))$/;

const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `The S3 stand-in has no ${what}.`, 501);

const empty = (status: number, headers: Readonly<Record<string, string>> = {}): AwsResponse => ({
  status,
  headers,
  body: '',
});
const xml = (root: Xml): AwsResponse => ({
  status: 200,
  headers: { 'content-type': 'application/xml' },
  body: xmlDocument(root),
});

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

/** S3, addressed by path: objects as files, written and read as streams. */
export function createS3({ stateDir, now = Date.now }: S3Options): S3 {
  const store = new S3Store(stateDir);
  takeEarlierObjects(stateDir, store);

  const onBucket = async (request: AwsRequest, bucket: string): Promise<AwsResponse> => {
    const { method, query } = request;
    switch (method) {
      case 'PUT':
        if (!BUCKET_NAME.test(bucket)) {
          throw new AwsError('InvalidBucketName', 'The specified bucket is not valid.');
        }
        if (store.hasBucket(bucket)) {
          throw new AwsError(
            'BucketAlreadyOwnedByYou',
            'Your previous request to create the named bucket succeeded and you already own it.',
            409,
          );
        }
        store.putBucket(bucket, now());
        return empty(200, { location: `/${bucket}` });
      case 'HEAD':
        return empty(200);
      case 'GET': {
        const list = readListQuery(query);
        return xml(listResult(bucket, list, store.list(bucket, list.prefix, list.after)));
      }
      case 'DELETE':
        for (const _ of store.list(bucket, '', '')) {
          throw new AwsError('BucketNotEmpty', 'The bucket you tried to delete is not empty.', 409);
        }
        store.deleteBucket(bucket);
        return empty(204);
      case 'POST':
        if (query.has('delete')) return deleteObjects(bucket, request.body);
        throw notImplemented('POST on a bucket');
      default:
        throw notImplemented(`${method} on a bucket`);
    }
  };

  const deleteObjects = async (bucket: string, body: Buffer): Promise<AwsResponse> => {
    const root = parseXml(body.toString('utf8'));
    const objects = root.children.filter(({ name }) => name === 'Object');
    if (objects.length === 0 || objects.length > MOST_DELETED) {
      throw new AwsError('MalformedXML', `1 to ${MOST_DELETED} objects can be deleted at once.`);
    }
    const deleted: Xml[] = [];
    for (const object of objects) {
      const key = childText(object, 'Key') ?? '';
      await store.delete(bucket, key);
      deleted.push(element('Deleted', [element('Key', key)]));
    }
    return xml(
      element('DeleteResult', childText(root, 'Quiet') === 'true' ? [] : deleted, S3_NAMESPACE),
    );
  };

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

  return {
    async handle(request) {
      const unknown = Object.keys(request.headers).find((name) => UNKNOWN.test(name));
      if (unknown !== undefined) throw notImplemented(unknown);
      const [, bucket = '', path = ''] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
      if (bucket === '') return xml(bucketList(store));
      const isNew = request.method === 'PUT' && path === '';
      if (!isNew && !store.hasBucket(bucket)) {
        throw new AwsError('NoSuchBucket', 'The specified bucket does not exist', 404);
      }
      return path === ''
        ? onBucket(request, bucket)
        : onObject(request, bucket, decodeURIComponent(path));
    },
    close: () => store.close(),
  };
}

const headersOf = (object: StoredObject, { headers }: AwsRequest): Record<string, string> => ({
  ...object.headers,
  ...(headers['x-amz-checksum-mode'] === 'ENABLED' && object.checksums),
  'content-length': String(object.size),
  etag: object.etag,
  'last-modified': new Date(object.modifiedAt).toUTCString(),
});

const bucketList = (store: S3Store): Xml =>
  element(
    'ListAllMyBucketsResult',
    [
      element(
        'Buckets',
        store
          .buckets()
          .map(({ name, createdAt }) =>
            element('Bucket', [
              element('Name', name),
              element('CreationDate', new Date(createdAt).toISOString()),
            ]),
          ),
      ),
    ],
    S3_NAMESPACE,
  );
