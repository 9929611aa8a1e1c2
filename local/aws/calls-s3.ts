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

const BUCKET_ACTIONS: Readonly<Record<string, string>> = {
  'DELETE ': 's3:DeleteBucket',
  'GET ': 's3:ListBucket',
  'HEAD ': 's3:ListBucket',
  'PUT ': 's3:CreateBucket',
};
const OBJECT_ACTIONS: Readonly<Record<string, string>> = {
  'DELETE ': 's3:DeleteObject',
  'GET ': 's3:GetObject',
  'HEAD ': 's3:GetObject',
  'PUT ': 's3:PutObject',
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
  return [{ action, resource, context }];
}
