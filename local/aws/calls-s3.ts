import type { AwsCall } from './call.ts';
import { AwsError } from './http.ts';
import type { AwsRequest } from './http.ts';
import { childText, parseXml } from './xml.ts';

/** Query parameters that change nothing about what is permitted. */
const NEUTRAL = new Set([
  'continuation-token',
  'delimiter',
  'encoding-type',
  'fetch-owner',
  'list-type',
  'max-keys',
  'prefix',
  'start-after',
  'x-id',
]);
const PRESIGNED = /^X-Amz-/i;

/** Bucket-level subresources that the stand-in really has, by `METHOD ?name`. */
const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  'DELETE ': 's3:DeleteBucket',
  'DELETE ?lifecycle': 's3:PutLifecycleConfiguration',
  'GET ': 's3:ListBucket',
  'GET ?lifecycle': 's3:GetLifecycleConfiguration',
  'HEAD ': 's3:ListBucket',
  'PUT ': 's3:CreateBucket',
  'PUT ?lifecycle': 's3:PutLifecycleConfiguration',
};
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  'DELETE ': 's3:DeleteObject',
  'DELETE ?uploadId': 's3:AbortMultipartUpload',
  'GET ': 's3:GetObject',
  'HEAD ': 's3:GetObject',
  'POST ?uploadId': 's3:PutObject',
  'POST ?uploads': 's3:PutObject',
  'PUT ': 's3:PutObject',
  'PUT ?partNumber&uploadId': 's3:PutObject',
};

function subresource({ query }: AwsRequest): string {
  const names = [...query.keys()].filter((name) => !NEUTRAL.has(name) && !PRESIGNED.test(name));
  return names.length === 0 ? '' : `?${names.sort().join('&')}`;
}

const notImplemented = (what: string): AwsError =>
  new AwsError('NotImplemented', `The S3 stand-in has no ${what}.`, 501);

function listContext({ query }: AwsRequest): Record<string, readonly string[]> {
  const context: Record<string, readonly string[]> = {};
  for (const name of ['prefix', 'delimiter']) {
    const value = query.get(name);
    if (value !== null) context[`s3:${name}`] = [value];
  }
  return context;
}

function copySource(request: AwsRequest): AwsCall[] {
  const source = request.headers['x-amz-copy-source'];
  if (source === undefined) return [];
  const path = decodeURIComponent(source).replace(/^\//, '').replace(/\?.*$/, '');
  return [{ action: 's3:GetObject', resource: `arn:aws:s3:::${path}`, context: {} }];
}

/**
 * The permissions of an S3 request, in path style. Subresources that the stand-in would take for
 * something else (`?versioning` on PUT would make a bucket) are refused here.
 */
export function deriveS3Calls(request: AwsRequest): AwsCall[] {
  const [, bucket = '', path = ''] = /^\/([^/]*)\/?(.*)$/s.exec(request.path) ?? [];
  const { method } = request;
  const sub = subresource(request);
  if (bucket === '') {
    if (method !== 'GET' || sub !== '') throw notImplemented(`${method} /${sub}`);
    return [{ action: 's3:ListAllMyBuckets', resource: '*', context: {} }];
  }
  const bucketArn = `arn:aws:s3:::${bucket}`;
  if (path === '' && method === 'POST' && sub === '?delete') {
    return parseXml(request.body.toString('utf8'))
      .children.filter(({ name }) => name === 'Object')
      .map((object) => ({
        action: 's3:DeleteObject',
        resource: `${bucketArn}/${childText(object, 'Key') ?? ''}`,
        context: {},
      }));
  }
  const actions = path === '' ? BUCKET_ACTIONS : OBJECT_ACTIONS;
  const action = actions[`${method} ${sub}`];
  if (action === undefined)
    throw notImplemented(`${method} ${sub} on a ${path === '' ? 'bucket' : 'object'}`);
  const resource = path === '' ? bucketArn : `${bucketArn}/${decodeURIComponent(path)}`;
  const context = action === 's3:ListBucket' ? listContext(request) : {};
  return [{ action, resource, context }, ...copySource(request)];
}
