import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import type { Key } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { SecretPurpose, SecretsKeyAction } from '#shared/runtime/declaration.ts';
import type { Config } from '../config.ts';
import { accountAdministers, retainedKey, roleArns } from './retained-key.ts';

/** The context that a secret is bound to: exactly these keys, no fewer and no more. */
const contextKeys = ['purpose', 'tenant', 'id'];

/** The condition of a purpose, in the key's policy and in that of a role alike. */
export const secretsKeyConditions = (purpose: SecretPurpose) => ({
  StringEquals: { 'kms:EncryptionContext:purpose': purpose },
  'ForAllValues:StringEquals': { 'kms:EncryptionContextKeys': contextKeys },
  Null: {
    'kms:EncryptionContext:tenant': 'false',
    'kms:EncryptionContext:id': 'false',
  },
});

/** Every other way to have something encrypted, to see a plaintext, or to pass on the right to. */
const forbidden = [
  'kms:CreateGrant',
  'kms:GenerateDataKey',
  'kms:GenerateDataKeyPair',
  'kms:GenerateDataKeyPairWithoutPlaintext',
  'kms:GenerateDataKeyWithoutPlaintext',
  'kms:ReEncryptFrom',
  'kms:ReEncryptTo',
];

interface Allowed {
  readonly name: string;
  readonly purpose: SecretPurpose;
  readonly action: SecretsKeyAction;
}

/**
 * The key that seals secrets of tenants: those that sign webhooks, and stored answers that hold one.
 * Its policy names roles by ARN in conditions, not as principals, so that they need not exist when
 * the key is made.
 */
export class SecretsKey extends Construct {
  readonly key: Key;
  readonly #config: Config;
  readonly #allowed: Allowed[] = [];

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.#config = config;
    const names = {
      description: `Seals the secrets of tenants of ${config.name}`,
      alias: `${config.name}-secrets`,
    };
    this.key = retainedKey(this, names, () => this.#policy());
  }

  /** Names the role of a function in the key's policy; functions are made after the key. */
  allow(name: string, purpose: SecretPurpose, action: SecretsKeyAction): void {
    this.#allowed.push({ name, purpose, action });
  }

  #policy(): PolicyDocument {
    const account = [new AccountRootPrincipal()];
    const resources = ['*'];
    const actions = ['Encrypt', 'Decrypt'] as const;
    const purposes = [...new Set(this.#allowed.map(({ purpose }) => purpose))].toSorted();
    const allowing = purposes.flatMap((purpose) =>
      actions.map((action) => ({ purpose, action, roles: this.#rolesThatMay(action, purpose) })),
    );
    return new PolicyDocument({
      statements: [
        accountAdministers(),
        ...allowing
          .filter(({ roles }) => roles.length > 0)
          .map(
            ({ purpose, action, roles }) =>
              new PolicyStatement({
                principals: account,
                actions: [`kms:${action}`],
                resources,
                conditions: {
                  ArnEquals: { 'aws:PrincipalArn': roles },
                  ...secretsKeyConditions(purpose),
                },
              }),
          ),
        ...actions.map(
          (action) =>
            new PolicyStatement({
              sid: `NobodyElse${action}s`,
              effect: Effect.DENY,
              principals: [new AnyPrincipal()],
              actions: [`kms:${action}`],
              resources,
              conditions: { ArnNotEquals: { 'aws:PrincipalArn': this.#rolesThatMay(action) } },
            }),
        ),
        new PolicyStatement({
          sid: 'NothingElseIsDoneHere',
          effect: Effect.DENY,
          principals: [new AnyPrincipal()],
          actions: forbidden,
          resources,
        }),
      ],
    });
  }

  /** @param purpose absent: any */
  #rolesThatMay(action: SecretsKeyAction, purpose?: SecretPurpose): string[] {
    const allowed = this.#allowed.filter(
      (one) => one.action === action && (purpose ?? one.purpose) === one.purpose,
    );
    return roleArns(
      this,
      this.#config,
      allowed.map(({ name }) => name),
    );
  }
}
