import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** JSON lines to CloudWatch. Never handed a private key, an API key or the body of a mail. */
export const logger = new Logger({
  serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local',
});

/** Logs what a request to the API failed with, where it is no fault of the caller's. */
export const logFailedRequest = (error: unknown): void =>
  logger.error('a request failed', error as Error);

/**
 * Adds to a counter in the namespace `SenderDomains`, by embedded metric format, so that counting
 * costs no call. Its dimension, the deployment's name, comes from `POWERTOOLS_SERVICE_NAME`.
 *
 * @param name CamelCase; a declaration's `alarms` may watch it
 */
export function count(name: string, value = 1): void {
  const metrics = new Metrics({ namespace: 'SenderDomains' });
  metrics.addMetric(name, 'Count', value);
  metrics.publishStoredMetrics();
}
