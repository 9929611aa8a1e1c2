import { AwsError } from './http.ts';
import type { AwsHandler, Clock } from './http.ts';
import { notImplemented } from './s3-answers.ts';
import { bucketList, bucketOperations } from './s3-buckets.ts';
import { takeEarlierObjects } from './s3-earlier-state.ts';
import { objectOperations } from './s3-objects.ts';
import { S3Store } from './s3-store.ts';

export interface S3Options {
  readonly stateDir: string;
  readonly now?: Clock;
}

export interface S3 {
  readonly handle: AwsHandler;
  close(): void;
}

/** Headers that would change the answer and that are not known here. */
const UNKNOWN =
  /^(if-(un)?modified-since|range|x-amz-(acl|copy-.*|grant-.*|object-lock-.*|server-side-.*|storage-class|tagging|website-.*|write-offset-.*))$/;

/** S3, addressed by path: objects as files, written and read as streams. */
export function createS3({ stateDir, now = Date.now }: S3Options): S3 {
  const store = new S3Store(stateDir);
  takeEarlierObjects(stateDir, store);

  const onBucket = bucketOperations(store, now);
  const onObject = objectOperations(store, now);

  return {
    async handle(request) {
      const unknown = Object.keys(request.headers).find((name) => UNKNOWN.test(name));
      if (unknown !== undefined) throw notImplemented(unknown);
      const [, bucket = '', path = ''] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
      if (bucket === '') return bucketList(store);
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
