import { randomUUID } from 'node:crypto';
import { AwsError } from './http.ts';
import type { AwsResponse } from './http.ts';
import { queryErrorOf } from './sqs-errors.ts';
import { element, xmlDocument } from './xml.ts';
import type { Xml } from './xml.ts';

/** The form of a service's errors. */
export type ErrorShape = 'json' | 'rest-json' | 'route53' | 'ses' | 'sns' | 's3' | 'sqs';

const NAMESPACES = {
  route53: 'https://route53.amazonaws.com/doc/2013-04-01/',
  ses: 'http://ses.amazonaws.com/doc/2010-12-01/',
  sns: 'http://sns.amazonaws.com/doc/2010-03-31/',
} as const;

function wrapped(error: AwsError, requestId: string, namespace: string): Xml {
  const details = element('Error', [
    element('Type', error.status < 500 ? 'Sender' : 'Receiver'),
    element('Code', error.code),
    element('Message', error.message),
  ]);
  return element('ErrorResponse', [details, element('RequestId', requestId)], namespace);
}

function bare(error: AwsError, requestId: string): Xml {
  return element('Error', [
    element('Code', error.code),
    element('Message', error.message),
    element('RequestId', requestId),
  ]);
}

/** Writes an error in the shape that the service's SDK client reads. */
export function errorResponse(error: AwsError, shape: ErrorShape): AwsResponse {
  const requestId = randomUUID();
  const { status } = error;
  const id = { 'x-amzn-requestid': requestId };
  if (shape === 'json') {
    return {
      status,
      headers: { ...id, 'content-type': 'application/x-amz-json-1.1' },
      body: JSON.stringify({ __type: error.code, message: error.message }),
    };
  }
  if (shape === 'rest-json') {
    return {
      status,
      headers: { ...id, 'x-amzn-errortype': error.code, 'content-type': 'application/json' },
      body: JSON.stringify({ message: error.message }),
    };
  }
  if (shape === 'sqs') {
    return {
      status,
      headers: {
        ...id,
        'content-type': 'application/x-amz-json-1.0',
        'x-amzn-query-error': queryErrorOf(error),
      },
      body: JSON.stringify({ __type: `com.amazonaws.sqs#${error.code}`, message: error.message }),
    };
  }
  const root =
    shape === 's3' ? bare(error, requestId) : wrapped(error, requestId, NAMESPACES[shape]);
  return { status, headers: { ...id, 'content-type': 'text/xml' }, body: xmlDocument(root) };
}

/**
 * Runs a handler's work. An AwsError becomes its answer; anything else, which is a bug of the
 * stand-in, AWS's InternalFailure (500) with the cause in the message.
 */
export async function answering<Answer>(
  shape: ErrorShape,
  work: () => Promise<Answer | AwsResponse> | Answer | AwsResponse,
): Promise<Answer | AwsResponse> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof AwsError) return errorResponse(error, shape);
    const cause = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return errorResponse(new AwsError('InternalFailure', cause, 500), shape);
  }
}
