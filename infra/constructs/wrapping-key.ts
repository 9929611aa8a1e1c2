import { Duration, Lazy, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { type CfnKey, Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { WrappingKeyAction } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';
import { roleName } from '../names.ts';

/** The context that a private key is bound to: exactly these keys, no fewer and no more. */
const contextKeys = ['tenant', 'domain', 'selector', 'keyId'];
const pairSpecs = ['RSA_2048', 'ECC_NIST_EDWARDS25519'];

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

/** The conditions of each action, in the key's policy and in that of a role alike. */
export const wrappingKeyConditions = {
  GenerateDataKeyPairWithoutPlaintext: {
    StringEquals: { 'kms:DataKeyPairSpec': pairSpecs },
    ...exactContext,
  },
  Decrypt: exactContext,
} satisfies Record<WrappingKeyAction, object>;

/**
 * The key that wraps every DKIM private key, and nothing else. Its policy names roles by ARN in
 * conditions, not as principals, so that they need not exist when the key is made.
 */
export class WrappingKey extends Construct {
  readonly key: Key;
  readonly #config: Config;
  readonly #allowed: { readonly name: string; readonly action: WrappingKeyAction }[] = [];

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.#config = config;
    this.key = new Key(this, 'Key', {
      alias: `${config.name}-wrapping`,
      description: `Wraps the DKIM private keys of ${config.name}`,
      enableKeyRotation: true,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Set on the resource, since the L2 puts the account's full rights into any policy that it is
    // given.
    (this.key.node.defaultChild as CfnKey).keyPolicy = Lazy.any({
      produce: () => policy((action) => this.#rolesThatMay(action)),
    });
  }

  /** Names the role of a function in the key's policy; functions are made after the key. */
  allow(name: string, action: WrappingKeyAction): void {
    this.#allowed.push({ name, action });
  }

  #rolesThatMay(action: WrappingKeyAction): string[] {
    return this.#allowed
      .filter((one) => one.action === action)
      .map(({ name }) => name)
      .toSorted()
      .map((name) =>
        Stack.of(this).formatArn({
          service: 'iam',
          region: '',
          resource: 'role',
          resourceName: roleName(this.#config, name),
        }),
      );
  }
}

function policy(rolesThatMay: (action: WrappingKeyAction) => string[]): PolicyDocument {
  const account = [new AccountRootPrincipal()];
  const anybody = [new AnyPrincipal()];
  const resources = ['*'];
  const generating = rolesThatMay('GenerateDataKeyPairWithoutPlaintext');
  const unwrapping = rolesThatMay('Decrypt');
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
        actions: ['kms:GenerateDataKeyPairWithoutPlaintext'],
        resources,
        conditions: {
          ArnEquals: { 'aws:PrincipalArn': generating },
          ...wrappingKeyConditions.GenerateDataKeyPairWithoutPlaintext,
        },
      }),
      new PolicyStatement({
        sid: 'FewUnwrap',
        principals: account,
        actions: ['kms:Decrypt'],
        resources,
        conditions: {
          ArnEquals: { 'aws:PrincipalArn': unwrapping },
          ...wrappingKeyConditions.Decrypt,
        },
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
        actions: ['kms:GenerateDataKeyPairWithoutPlaintext'],
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
