import { Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
import { AnyPrincipal, Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  ObjectLockRetention,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import { Construct } from 'constructs';
import type { Permission } from './permission.ts';

/** As long as a backup that somebody keeps may be restored. */
const RETENTION = Duration.days(3650);

/**
 * The bucket of revocations, an object each. Object lock keeps every version, in governance mode, so
 * that a test deployment can be removed by who has the right to bypass it; and its policy lets nobody
 * hide an object by a delete marker.
 */
export class RevocationBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.governance(RETENTION),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid: 'NobodyHidesARevocation',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['s3:DeleteObject'],
        resources: [this.bucket.arnForObjects('*')],
      }),
    );
    Validations.of(this.bucket).acknowledge({
      id: 'AwsSolutions-S1',
      reason: 'Nothing in it is a secret, and nobody can change it.',
    });
  }
}

/** The bucket as functions of other stacks use it. */
export interface Revocations {
  readonly bucketName: string;
  /** By the name of its export, as cdk-nag names what it finds. */
  readonly arn: string;
}

interface Target {
  allow(permission: Permission, wildcard?: string): void;
}

/** Lets a function read the revocations, all of them by a list. */
export function readRevocations(target: Target, { arn }: Revocations): void {
  target.allow({ actions: ['s3:ListBucket'], resources: [arn] });
}

/** Lets a function add revocations. */
export function addRevocations(target: Target, { arn }: Revocations): void {
  target.allow(
    { actions: ['s3:PutObject'], resources: [`${arn}/revoked/*`] },
    'Each revocation is an object of its own.',
  );
}
