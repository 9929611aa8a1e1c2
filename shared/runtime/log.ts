import { LogFormatter, Logger, LogItem } from '@aws-lambda-powertools/logger';
import type { LogAttributes, UnformattedAttributes } from '@aws-lambda-powertools/logger/types';

/**
 * Writes what a line is about, and for a warning or an error also the invocation: each octet of what is
 * logged of every mail costs more than an octet of storage. The log group names the function.
 */
class BriefFormatter extends LogFormatter {
  override formatAttributes(
    {
      logLevel: level,
      message,
      timestamp,
      serviceName: service,
      xRayTraceId,
    }: UnformattedAttributes,
    further: LogAttributes,
  ): LogItem {
    const brief = { level, message, timestamp: this.formatTimestamp(timestamp) };
    const isRoutine = level === 'INFO' || level === 'DEBUG';
    const attributes = isRoutine ? brief : { ...brief, service, xray_trace_id: xRayTraceId };
    return new LogItem({ attributes }).addAttributes(further);
  }
}

/** JSON lines to CloudWatch. Never handed a private key, an API key or the body of a mail. */
export const logger = new Logger({
  serviceName: process.env['AWS_LAMBDA_FUNCTION_NAME'] ?? 'local',
  logFormatter: new BriefFormatter(),
});

/** A number for CloudWatch, and its unit. */
export interface Metric {
  readonly unit: 'Count' | 'Seconds';
  readonly value: number;
}

/**
 * Adds to a counter in the namespace `SenderDomains`. The line is in CloudWatch's embedded metric
 * format, so that counting costs no call; the library that writes it would be 12 KB in each bundle.
 * Its dimension, the deployment's name, comes from `POWERTOOLS_SERVICE_NAME`.
 *
 * @param name CamelCase; a declaration's `alarms` may watch it
 */
export const count = (name: string, value = 1): void =>
  measureAll(new Map([[name, { unit: 'Count', value }]]));

/** Emits a duration, in the same way. */
export const measure = (name: string, seconds: number): void =>
  measureAll(new Map([[name, { unit: 'Seconds', value: seconds }]]));

/** Emits several numbers by one line. @param metrics by name, CamelCase; none writes none */
export function measureAll(metrics: ReadonlyMap<string, Metric>): void {
  if (metrics.size === 0) return;
  const directive = {
    Namespace: 'SenderDomains',
    Dimensions: [['service']],
    Metrics: [...metrics].map(([name, { unit }]) => ({ Name: name, Unit: unit })),
  };
  const line = {
    _aws: { Timestamp: Date.now(), CloudWatchMetrics: [directive] },
    service: process.env['POWERTOOLS_SERVICE_NAME'] ?? 'local',
    ...Object.fromEntries([...metrics].map(([name, { value }]) => [name, value])),
  };
  // Lambda's own console would put the time and the request's id before it, which is no JSON.
  process.stdout.write(`${JSON.stringify(line)}\n`);
}
