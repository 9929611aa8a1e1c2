import { AwsError } from './http.ts';
import type { StoredObject } from './s3-store.ts';
import { element } from './xml.ts';
import type { Xml } from './xml.ts';

export const S3_NAMESPACE = 'http://s3.amazonaws.com/doc/2006-03-01/';

/** The parameters of ListObjectsV2. */
export interface ListQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly most: number;
  /** The list goes on after this key. */
  readonly after: string;
  /** Keys are percent-encoded. */
  readonly encoded: boolean;
}

const MOST_KEYS = 1000;
const TOKEN = /^[A-Za-z0-9_-]+$/;
/** The suffix that sorts after all keys of a prefix. */
const PAST = '\u{10FFFF}';

/** @throws AwsError where the query is not one of ListObjectsV2 */
export function readListQuery(query: URLSearchParams): ListQuery {
  if (query.get('list-type') !== '2') {
    throw new AwsError('NotImplemented', 'The S3 stand-in lists by ListObjectsV2 only.', 501);
  }
  const most = query.get('max-keys') ?? String(MOST_KEYS);
  const token = query.get('continuation-token');
  if (!/^\d+$/.test(most)) throw new AwsError('InvalidArgument', 'max-keys is not an integer.');
  if (token !== null && !TOKEN.test(token)) {
    throw new AwsError('InvalidArgument', 'The continuation token provided is incorrect');
  }
  return {
    prefix: query.get('prefix') ?? '',
    delimiter: query.get('delimiter') ?? '',
    most: Math.min(Number(most), MOST_KEYS),
    after:
      token === null
        ? (query.get('start-after') ?? '')
        : Buffer.from(token, 'base64url').toString(),
    encoded: query.get('encoding-type') === 'url',
  };
}

/**
 * Writes the answer of ListObjectsV2.
 *
 * @param objects from the query's `after` on, in the order of their keys
 */
export function listResult(bucket: string, query: ListQuery, objects: Iterable<StoredObject>): Xml {
  const { prefix, delimiter, most, after, encoded } = query;
  const text = (value: string): string => (encoded ? encodeURIComponent(value) : value);
  const entries: Xml[] = [];
  let last = after;
  let lastCommon = '';
  let isTruncated = false;
  for (const object of objects) {
    // The common prefix alone represents its objects.
    if (lastCommon !== '' && object.key.startsWith(lastCommon)) continue;
    isTruncated = entries.length >= most;
    if (isTruncated) break;
    const end = delimiter === '' ? -1 : object.key.indexOf(delimiter, prefix.length);
    if (end === -1) {
      entries.push(contents(object, text));
      last = object.key;
    } else {
      lastCommon = object.key.slice(0, end + delimiter.length);
      entries.push(element('CommonPrefixes', [element('Prefix', text(lastCommon))]));
      last = lastCommon + PAST;
    }
  }
  const next = Buffer.from(last).toString('base64url');
  return element(
    'ListBucketResult',
    [
      element('Name', bucket),
      element('Prefix', text(prefix)),
      ...(delimiter === '' ? [] : [element('Delimiter', text(delimiter))]),
      ...(encoded ? [element('EncodingType', 'url')] : []),
      element('MaxKeys', String(most)),
      element('KeyCount', String(entries.length)),
      element('IsTruncated', String(isTruncated)),
      ...(isTruncated && most > 0 ? [element('NextContinuationToken', next)] : []),
      ...entries,
    ],
    S3_NAMESPACE,
  );
}

const contents = ({ key, modifiedAt, etag, size }: StoredObject, text: (value: string) => string) =>
  element('Contents', [
    element('Key', text(key)),
    element('LastModified', new Date(modifiedAt).toISOString()),
    element('ETag', etag),
    element('Size', String(size)),
    element('StorageClass', 'STANDARD'),
  ]);
