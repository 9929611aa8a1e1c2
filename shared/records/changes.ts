import type { HostedRecord } from './hosted-records.ts';

/** One change of a Route 53 batch. */
export interface RecordChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE';
  readonly record: HostedRecord;
}
