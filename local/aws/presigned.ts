import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { AwsError } from './http.ts';
import type { AwsRequest, Clock } from './http.ts';

/** S3 signs no URL for longer than seven days. */
const LONGEST_SECONDS = 604_800;
/** A clock that is fast by so much still signs requests that are taken. */
const SKEW_MS = 15 * 60_000;

type Head = Omit<AwsRequest, 'body'>;

const hmac = (key: string | Buffer, text: string): Buffer =>
  createHmac('sha256', key).update(text).digest();

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

/** RFC 3986 §2.3: everything but unreserved characters is encoded. */
const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll(
    /[!'()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );

const denied = (message: string): AwsError => new AwsError('AccessDenied', message, 403);

/** Returns true if a request is authorised by its query (SigV4 query parameters). */
export const isPresigned = ({ query }: Pick<AwsRequest, 'query'>): boolean =>
  query.has('X-Amz-Signature');

/**
 * Checks the signature of a presigned request as S3 does: the time, that every `x-amz-` field is
 * signed, and that method, path, query and signed fields are those that were signed.
 *
 * @param secretOf the secret of an access key
 * @throws AwsError AccessDenied, SignatureDoesNotMatch, AuthorizationQueryParametersError
 */
export function checkPresigned(
  request: Head,
  secretOf: (accessKeyId: string) => string | undefined,
  now: Clock,
): void {
  const { query } = request;
  const parameter = (name: string): string => {
    const value = query.get(`X-Amz-${name}`);
    if (value !== null) return value;
    throw new AwsError('AuthorizationQueryParametersError', `Query has no X-Amz-${name}.`);
  };
  const [accessKeyId = '', day = '', region = '', service = ''] =
    parameter('Credential').split('/');
  const date = parameter('Date');
  const seconds = Number(parameter('Expires'));
  const signed = parameter('SignedHeaders').split(';');
  if (parameter('Algorithm') !== 'AWS4-HMAC-SHA256' || !/^\d{8}T\d{6}Z$/.test(date)) {
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Algorithm or -Date is wrong.');
  }
  if (!(seconds >= 1 && seconds <= LONGEST_SECONDS)) {
    throw new AwsError('AuthorizationQueryParametersError', 'X-Amz-Expires must be up to a week.');
  }
  const at = Date.parse(
    date.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6Z'),
  );
  if (now() > at + seconds * 1_000) throw denied('Request has expired');
  if (now() < at - SKEW_MS) throw denied('Request is not yet valid');
  const unsigned = Object.keys(request.headers).find(
    (name) => name.startsWith('x-amz-') && !signed.includes(name),
  );
  if (unsigned !== undefined) {
    throw denied(`There were headers present in the request which were not signed: ${unsigned}`);
  }
  const secret = secretOf(accessKeyId);
  if (secret === undefined) {
    throw new AwsError('InvalidAccessKeyId', 'The access key does not exist.', 403);
  }
  const scope = [day, region, service, 'aws4_request'];
  const text = [
    'AWS4-HMAC-SHA256',
    date,
    scope.join('/'),
    sha256(canonicalRequest(request, signed)),
  ].join('\n');
  const key = scope.reduce<string | Buffer>(hmac, `AWS4${secret}`);
  const right = hmac(key, text);
  const given = Buffer.from(parameter('Signature'), 'hex');
  if (given.length !== right.length || !timingSafeEqual(given, right)) {
    throw new AwsError(
      'SignatureDoesNotMatch',
      'The request signature we calculated does not match the signature you provided.',
      403,
    );
  }
}

function canonicalRequest({ method, path, query, headers }: Head, signed: readonly string[]) {
  const parameters = [...query]
    .filter(([name]) => name !== 'X-Amz-Signature')
    .map(([name, value]) => `${encoded(name)}=${encoded(value)}`)
    .sort();
  const fields = signed.map((name) => `${name}:${(headers[name] ?? '').trim()}\n`);
  return [
    method,
    path,
    parameters.join('&'),
    fields.join(''),
    signed.join(';'),
    headers['x-amz-content-sha256'] ?? 'UNSIGNED-PAYLOAD',
  ].join('\n');
}
