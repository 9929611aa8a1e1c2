import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LockedBucket, type NamedBucket, type Target } from './locked-bucket.ts';

/** Longer than entries are kept, so that the head from before the first of them is there. */
const RETENTION = Duration.days(500);

/** The bucket of the heads of the audit log's chains, an object each, which nobody can change. */
export class AuditBucket extends LockedBucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, { retention: RETENTION, sid: 'NobodyHidesAHead' });
  }
}

/** Lets a function add heads. */
export function addHeads(target: Target, { arn }: NamedBucket): void {
  target.allow(
    { actions: ['s3:PutObject'], resources: [`${arn}/heads/*`] },
    'Each head is an object of its own.',
  );
}
