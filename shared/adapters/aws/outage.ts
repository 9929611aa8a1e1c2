import { Throttled } from '#shared/core/model/errors.ts';

const connectionCodes = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
]);

/**
 * Returns true if waiting helps, since a service is out or throttles: a 5xx, a throttle, a failed
 * connection. Anything else is a fault of ours or of the data.
 */
export function isOutage(error: unknown): boolean {
  if (error instanceof Throttled) return true;
  if (!(error instanceof Error)) return false;
  const { $fault, $metadata, code } = error as {
    $fault?: string;
    $metadata?: { httpStatusCode?: number };
    code?: unknown;
  };
  const status = $metadata?.httpStatusCode ?? 0;
  return (
    $fault === 'server' ||
    status >= 500 ||
    status === 429 ||
    isThrottlingName(error.name) ||
    error.name === 'TimeoutError' ||
    connectionCodes.has(String(code))
  );
}

/**
 * Returns true if an error's name is one that AWS services give to "slow down" (AWS SDK retry
 * guide).
 */
export function isThrottlingName(name: string): boolean {
  return throttlingNames.has(name);
}

const throttlingNames = new Set([
  'BandwidthLimitExceeded',
  'LimitExceededException',
  'PriorRequestNotComplete',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'RequestThrottled',
  'RequestThrottledException',
  'SlowDown',
  'ThrottledException',
  'Throttling',
  'ThrottlingException',
  'TooManyRequestsException',
]);
