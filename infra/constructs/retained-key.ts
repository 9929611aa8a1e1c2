import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, type PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { type CfnKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { roleName } from '../names.ts';

/** Managing a key, but neither using it nor delegating its use. */
export const administration: readonly string[] = [
  'kms:CancelKeyDeletion',
  'kms:CreateAlias',
  'kms:DeleteAlias',
  'kms:DescribeKey',
  'kms:DisableKey',
  'kms:EnableKey',
  'kms:EnableKeyRotation',
  'kms:GetKeyPolicy',
  'kms:GetKeyRotationStatus',
  'kms:ListAliases',
  'kms:ListGrants',
  'kms:ListKeyPolicies',
  'kms:ListKeyRotations',
  'kms:ListResourceTags',
  'kms:PutKeyPolicy',
  'kms:RevokeGrant',
  'kms:RotateKeyOnDemand',
  'kms:ScheduleKeyDeletion',
  'kms:TagResource',
  'kms:UntagResource',
  'kms:UpdateAlias',
  'kms:UpdateKeyDescription',
];

/** The statement by which the account manages a key. */
export const accountAdministers = (): PolicyStatement =>
  new PolicyStatement({
    sid: 'AccountAdministers',
    principals: [new AccountRootPrincipal()],
    actions: [...administration],
    resources: ['*'],
  });

/**
 * Makes a key that outlives its stack, and its alias with it: a deployment that would make a new one
 * ends, since that opens nothing that the old one sealed.
 *
 * @param policy is produced at synthesis, when all functions are known
 */
export function retainedKey(
  scope: Construct,
  key: { readonly description: string; readonly alias: string },
  policy: () => PolicyDocument,
): Key {
  const made = new Key(scope, 'Key', {
    description: key.description,
    enableKeyRotation: true,
    pendingWindow: Duration.days(30),
    removalPolicy: RemovalPolicy.RETAIN,
  });
  made.addAlias(key.alias).applyRemovalPolicy(RemovalPolicy.RETAIN);
  // Set on the resource, since the L2 puts the account's full rights into any policy that it is given.
  (made.node.defaultChild as CfnKey).keyPolicy = Lazy.any({ produce: policy });
  return made;
}

/**
 * Returns the ARN of a function's role. A key's policy names it in conditions, not as a principal, so
 * that it need not exist when the key is made.
 */
export const roleArn = (scope: Construct, config: Config, name: string): string =>
  Stack.of(scope).formatArn({
    service: 'iam',
    region: '',
    resource: 'role',
    resourceName: roleName(config, name),
  });

/** Returns the ARNs of the roles of functions, each once, in order of their names. */
export const roleArns = (scope: Construct, config: Config, names: readonly string[]): string[] =>
  [...new Set(names)].toSorted().map((name) => roleArn(scope, config, name));
