import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { WrappingKeyAction } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';
import { accountAdministers, retainedKey, roleArns } from './retained-key.ts';

/** The context that a private key is bound to: exactly these keys, no fewer and no more. */
const contextKeys = ['tenant', 'domain', 'selector', 'keyId'];
const pairSpecs = ['RSA_2048', 'ECC_NIST_EDWARDS25519'];

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
    const names = {
      description: `Wraps the DKIM private keys of ${config.name}`,
      alias: `${config.name}-wrapping`,
    };
    this.key = retainedKey(this, names, () => policy((action) => this.#rolesThatMay(action)));
  }

  /** Names the role of a function in the key's policy; functions are made after the key. */
  allow(name: string, action: WrappingKeyAction): void {
    this.#allowed.push({ name, action });
  }

  #rolesThatMay(action: WrappingKeyAction): string[] {
    const allowed = this.#allowed.filter((one) => one.action === action);
    return roleArns(
      this,
      this.#config,
      allowed.map(({ name }) => name),
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
      accountAdministers(),
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
