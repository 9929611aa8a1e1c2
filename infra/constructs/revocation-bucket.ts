import { Duration } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import { LockedBucket, type NamedBucket, type Target } from './locked-bucket.ts';

/** As long as a backup that somebody keeps may be restored. */
const RETENTION = Duration.days(3650);

/** The bucket of revocations, an object each, which nobody can change. */
export class RevocationBucket extends LockedBucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, { retention: RETENTION, sid: 'NobodyHidesARevocation' });
  }
}

/** Lets a function read the revocations, all of them by a list. */
export function readRevocations(target: Target, { arn }: NamedBucket): void {
  target.allow({ actions: ['s3:ListBucket'], resources: [arn] });
}

/** Lets a function add revocations. */
export function addRevocations(target: Target, { arn }: NamedBucket): void {
  target.allow(
    { actions: ['s3:PutObject'], resources: [`${arn}/revoked/*`] },
    'Each revocation is an object of its own.',
  );
}
