import * as z from 'zod';
import {
  accepted,
  boolean,
  resourceType,
  tags,
  type ResourceTypes,
} from '../../template/resource-type.ts';
import { AwsCallError, callXml, type Caller } from '../aws-call.ts';
import type { Deployment } from '../deployment.ts';
import { parseResourcePolicy } from '../policies.ts';

/** S3 allows names of at most so many characters. */
const NAME_LENGTH = 63;

/** S3's buckets and their policies. */
export function s3Types(caller: Caller, deployment: Deployment): ResourceTypes {
  return {
    'AWS::S3::Bucket': resourceType(
      {
        BucketName: z.string().optional(),
        BucketEncryption: accepted('the state folder is as safe as the disk it lies on'),
        LifecycleConfiguration: accepted('the stand-in expires nothing; no code may count on it'),
        OwnershipControls: accepted('there is one account'),
        ObjectLockConfiguration: accepted('the policy of such a bucket lets nobody delete'),
        ObjectLockEnabled: boolean.pipe(z.literal(true)).optional(),
        VersioningConfiguration: accepted('what is written once has one version'),
        PublicAccessBlockConfiguration: accepted('the gateway answers callers of this run only'),
        Tags: tags,
      },
      async ({ properties, generatedName }) => {
        const name = properties.BucketName ?? generatedName(NAME_LENGTH).toLowerCase();
        if (!(await exists(caller, name)))
          await callXml(caller, 's3', `/${name}`, { method: 'PUT' });
        return {
          ref: name,
          attributes: {
            Arn: `arn:aws:s3:::${name}`,
            DomainName: `${name}.s3.amazonaws.com`,
            RegionalDomainName: `${name}.s3.${caller.region}.amazonaws.com`,
          },
        };
      },
    ),
    'AWS::S3::BucketPolicy': resourceType(
      { Bucket: z.string(), PolicyDocument: z.record(z.string(), z.unknown()) },
      ({ logicalId, properties: { Bucket, PolicyDocument } }) => {
        const { callers, services } = parseResourcePolicy(PolicyDocument);
        deployment.resourcePolicies.set(`arn:aws:s3:::${Bucket}`, callers);
        deployment.serviceStatements.set(`arn:aws:s3:::${Bucket}`, [...services]);
        return { ref: logicalId };
      },
    ),
  };
}

async function exists(caller: Caller, bucket: string): Promise<boolean> {
  try {
    await callXml(caller, 's3', `/${bucket}`, { method: 'HEAD' });
    return true;
  } catch (error) {
    if (error instanceof AwsCallError && error.name === '404') return false;
    throw error;
  }
}
