import { type Duration, RemovalPolicy, Validations } from 'aws-cdk-lib';
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

export interface LockedBucketProps {
  /** How long each version is kept. */
  readonly retention: Duration;
  /** The name of the statement by which nobody hides an object. */
  readonly sid: string;
}

/**
 * A bucket whose objects nobody changes. Object lock keeps every version, in governance mode, so that
 * a test deployment can be removed by who has the right to bypass it; and its policy lets nobody hide
 * an object by a delete marker.
 */
export class LockedBucket extends Construct {
  readonly bucket: Bucket;

  constructor(scope: Construct, id: string, { retention, sid }: LockedBucketProps) {
    super(scope, id);
    this.bucket = new Bucket(this, 'Bucket', {
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: true,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
      versioned: true,
      objectLockEnabled: true,
      objectLockDefaultRetention: ObjectLockRetention.governance(retention),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.bucket.addToResourcePolicy(
      new PolicyStatement({
        sid,
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

/** A bucket as functions of other stacks use it. */
export interface NamedBucket {
  readonly bucketName: string;
  /** By the name of its export, as cdk-nag names what it finds. */
  readonly arn: string;
}

/** A function that is given rights. */
export interface Target {
  allow(permission: Permission, wildcard?: string): void;
}
