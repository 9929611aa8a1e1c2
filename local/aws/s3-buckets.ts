import { AwsError } from './http.ts';
import type { AwsRequest, AwsResponse, Clock } from './http.ts';
import { empty, notImplemented, xml } from './s3-answers.ts';
import { listResult, readListQuery, S3_NAMESPACE } from './s3-list.ts';
import type { S3Store } from './s3-store.ts';
import { childText, element, parseXml } from './xml.ts';
import type { Xml } from './xml.ts';

const BUCKET_NAME = /^(?=.{3,63}$)[a-z0-9][a-z0-9.-]*[a-z0-9]$/;
const MOST_DELETED = 1000;

/** Answers requests for a bucket as a whole. */
export function bucketOperations(store: S3Store, now: Clock) {
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

  return onBucket;
}

/** Answers which buckets there are. */
export const bucketList = (store: S3Store): AwsResponse =>
  xml(
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
    ),
  );
