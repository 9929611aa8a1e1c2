import * as z from 'zod';

/** The callers of the gateway, and its address. */
export interface Caller {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
}

/** Milliseconds after which a call is given up; a planted fault may leave one without an answer. */
export const REQUEST_LIMIT = 30_000;

const errorBody = z.object({ __type: z.string(), message: z.string().default('no reason given') });

/** An error that a service answered with; `name` is its code. */
export class AwsCallError extends Error {
  override readonly name: string;

  constructor(code: string, message: string) {
    super(message);
    this.name = code;
  }
}

/** The headers of a signed request. The gateway reads from them who calls what, and does not check the signature. */
function signed({ region, accessKeyId }: Caller, service: string): Record<string, string> {
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const scope = `${accessKeyId}/${time.slice(0, 8)}/${region}/${service}/aws4_request`;
  return {
    'x-amz-date': time,
    authorization: `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=none`,
  };
}

/**
 * Calls an operation of a service that speaks JSON 1.0 (DynamoDB and its streams, SQS).
 *
 * @param target as in X-Amz-Target: `DynamoDB_20120810.CreateTable`
 * @throws AwsCallError
 */
export async function callJson(
  caller: Caller,
  service: 'dynamodb' | 'sqs',
  target: string,
  input: object,
): Promise<unknown> {
  const response = await fetch(caller.endpoint, {
    method: 'POST',
    headers: {
      ...signed(caller, service),
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': target,
    },
    body: JSON.stringify(input),
    signal: AbortSignal.timeout(REQUEST_LIMIT),
  });
  const body: unknown = await response.json();
  if (response.ok) return body;
  const { __type: type, message } = errorBody.parse(body);
  throw new AwsCallError(type.split('#').at(-1) ?? type, `${target}: ${message}`);
}

/**
 * Calls a service in the Query protocol (SNS).
 *
 * @returns the answer as XML
 * @throws AwsCallError
 */
export async function callQuery(
  caller: Caller,
  service: 'sns',
  input: Readonly<Record<string, string>>,
): Promise<string> {
  return callXml(caller, service, '/', {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(input).toString(),
  });
}

/**
 * Calls a service in REST XML (S3, Route 53) or the Query protocol.
 *
 * @returns the answer as XML
 * @throws AwsCallError
 */
export async function callXml(
  caller: Caller,
  service: 'route53' | 's3' | 'sns',
  path: string,
  request: {
    readonly method: string;
    readonly body?: string;
    readonly headers?: Record<string, string>;
  },
): Promise<string> {
  const response = await fetch(caller.endpoint + path, {
    ...request,
    headers: { ...signed(caller, service), ...request.headers },
  });
  const body = await response.text();
  if (response.ok) return body;
  const [, code = String(response.status)] = /<Code>([^<]*)<\/Code>/.exec(body) ?? [];
  const [, message = body] = /<Message>([^<]*)<\/Message>/.exec(body) ?? [];
  throw new AwsCallError(code, message);
}
