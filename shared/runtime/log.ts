import { Logger } from '@aws-lambda-powertools/logger';
import { Metrics } from '@aws-lambda-powertools/metrics';

/** JSON lines to CloudWatch. Never handed a private key, an API key or the body of a mail. */
export const logger = new Logger({
  serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local',
});

/** Counters that the alarms watch. */
export type MetricName =
  | 'PublicationsParked'
  | 'PublicationsStale'
  | 'ZoneDrift'
  | 'ReconcileUnreached'
  | 'IdentityFailed'
  | 'ClaimsLost'
  | 'ClaimsAtRisk'
  | 'MessagesSent'
  | 'MessagesRefused'
  | 'UnclearAttempts'
  | 'SendThrottled'
  | 'EventsUnmatched'
  | 'ReportsVerified'
  | 'ReportsUnverified'
  | 'ReportsRepeated'
  | 'ReportsRefused'
  | 'ReportsUnreadable'
  | 'ReportsDropped'
  | 'NewKeyFailing'
  | 'PolicyRaised'
  | 'PolicySteppedBack'
  | 'PolicyHeld'
  | 'RotationHalted'
  | 'RotationStalled'
  | 'RotationThrottled'
  | 'RotationsMade'
  | 'RotationsNotDue'
  | 'RotationsHeldBack'
  | 'RotationsHeldBackLong'
  | 'RotationsFailed'
  | 'KeysRevoked'
  | 'KeysDisclosed'
  | 'DisclosuresFailed'
  | 'SigningMoved'
  | 'SigningPaused';

/**
 * Adds to a counter in the namespace `SenderDomains`, by embedded metric format, so that counting
 * costs no call. Its dimension, the deployment's name, comes from `POWERTOOLS_SERVICE_NAME`.
 */
export function count(name: MetricName, value = 1): void {
  const metrics = new Metrics({ namespace: 'SenderDomains' });
  metrics.addMetric(name, 'Count', value);
  metrics.publishStoredMetrics();
}
