import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import {
  AccountRootPrincipal,
  AnyPrincipal,
  Effect,
  PolicyDocument,
  PolicyStatement,
} from 'aws-cdk-lib/aws-iam';
import { type CfnKey, Key, KeySpec, KeyUsage } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Config } from '../config.ts';
import { domainConnectKeyAlias } from '../names.ts';
import signer from '../../lambdas/domains/function.ts';
import { administration, roleArn } from './retained-key.ts';

/**
 * The key that Domain Connect requests are signed with. Only one function signs with it; operators
 * of the account may read its public half, which is published in DNS.
 */
export class SigningKey extends Construct {
  readonly key: Key;

  constructor(scope: Construct, id: string, config: Config) {
    super(scope, id);
    this.key = new Key(this, 'Key', {
      alias: domainConnectKeyAlias(config),
      description: `Signs the Domain Connect requests of ${config.name}`,
      keySpec: KeySpec.RSA_2048,
      keyUsage: KeyUsage.SIGN_VERIFY,
      pendingWindow: Duration.days(30),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // Set on the resource, since the L2 puts the account's full rights into any policy that it is
    // given.
    (this.key.node.defaultChild as CfnKey).keyPolicy = policy(roleArn(this, config, signer.name));
  }
}

function policy(role: string): PolicyDocument {
  const account = [new AccountRootPrincipal()];
  const resources = ['*'];
  return new PolicyDocument({
    statements: [
      new PolicyStatement({
        sid: 'AccountAdministers',
        principals: account,
        actions: [...administration, 'kms:GetPublicKey'],
        resources,
      }),
      new PolicyStatement({
        sid: 'DomainsSigns',
        principals: account,
        actions: ['kms:Sign'],
        resources,
        conditions: { ArnEquals: { 'aws:PrincipalArn': role } },
      }),
      new PolicyStatement({
        sid: 'NobodyElseSigns',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:Sign'],
        resources,
        conditions: { ArnNotEquals: { 'aws:PrincipalArn': role } },
      }),
      new PolicyStatement({
        sid: 'NobodyPassesItOn',
        effect: Effect.DENY,
        principals: [new AnyPrincipal()],
        actions: ['kms:CreateGrant'],
        resources,
      }),
    ],
  });
}
