import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { type CfnKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { roleName } from '../names.ts';
import disclosure from '../../lambdas/disclosure/function.ts';
import domains from '../../lambdas/domains/function.ts';
import rotationWorker from '../../lambdas/rotation-worker/function.ts';
import signer from '../../lambdas/signer/function.ts';

/** The context that a private key is bound to: exactly these keys, no fewer and no more. */
const contextKeys = ['tenant', 'domain', 'selector', 'keyId'];
const pairSpecs = ['RSA_2048', 'ECC_NIST_EDWARDS25519'];

const generators = [domains.name, rotationWorker.name];
/** The roles that see private keys. */
const unwrappers = ({ rotation }: Config): readonly string[] =>
  rotation.disclosure ? [signer.name, disclosure.name] : [signer.name];

const GENERATE = 'kms:GenerateDataKeyPairWithoutPlaintext';

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

/** Every other way to have something encrypted, to see a plaintext, or to pass on the right to. */
const forbidden = [
  'kms:CreateGrant',
  'kms:Encrypt',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

/** The context is complete: all four keys are there, and nothing else is. */
const exactContext = {
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': contextKeys },
  Null: Object.fromEntries(contextKeys.map((key) => [`kms:EncryptionContext:${key}`, 'false'])),
};

/** The conditions of a generating role's own policy: the same as the key's. */
export const generateConditions = {
  StringEquals: { 'kms:DataKeyPairSpec': pairSpecs },
  ...exactContext,
};

export const unwrapConditions = exactContext;

/**
 * The key that wraps every DKIM private key, and nothing else. Its policy names roles by ARN in
 * conditions, not as principals, so that they need not exist when the key is made.
 */
export class WrappingKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      alias: `${config.name}-wrapping`,
      description: `Wraps the DKIM private keys of ${config.name}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Set on the resource, since the L2 puts the account's full rights into any policy that it is
    // given.
    (this.key.node.defaultChild as CfnKey).keyPolicy = policy(unwrappers(config), (name) =>
      Stack.of(this).formatArn({
        service: 'iam',
        region: '',
        resource: 'role',
        resourceName: roleName(config, name),
      }),
    );
  }
}

function policy(mayUnwrap: readonly string[], roleArn: (name: string) => string): PolicyDocument {
  const account = [new AccountRootPrincipal()];
  const anybody = [new AnyPrincipal()];
  const resources = ['*'];
  const generating = generators.map(roleArn);
  const unwrapping = mayUnwrap.map(roleArn);
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'AccountAdministers',
        principals: account,
        actions: [...administration],
        resources,
      }),
      new PolicyStatement({
        sid: 'GeneratorsMakePairs',
        principals: account,
        actions: [GENERATE],
        resources,
        conditions: { ArnEquals: { 'aws:PrincipalArn': generating }, ...generateConditions },
      }),
      new PolicyStatement({
        sid: 'FewUnwrap',
        principals: account,
        actions: ['kms:Decrypt'],
        resources,
        conditions: { ArnEquals: { 'aws:PrincipalArn': unwrapping }, ...unwrapConditions },
      }),
      new PolicyStatement({
        sid: 'NobodyElseUnwraps',
        effect: Effect.DENY,
        principals: anybody,
        actions: ['kms:Decrypt'],
        resources,
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': unwrapping } },
      }),
      new PolicyStatement({
        sid: 'NobodyElseMakesPairs',
        effect: Effect.DENY,
        principals: anybody,
        actions: [GENERATE],
        resources,
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': generating } },
      }),
      new PolicyStatement({
        sid: 'NothingElseIsEncryptedHere',
        effect: Effect.DENY,
        principals: anybody,
        actions: forbidden,
        resources,
      }),
    ],
  });
}
