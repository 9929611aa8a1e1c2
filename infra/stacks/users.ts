import { Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import { AccountRecovery, Mfa, UserPool, type UserPoolDomain } from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

export interface UsersStackProps extends StackProps {
  readonly config: Config;
}

/**
 * The people who use the dashboard. Nobody signs up: the operator makes users and puts each into
 * the group that is named after their tenant's id.
 */
export class UsersStack extends Stack {
  readonly pool: UserPool;
  readonly domain: UserPoolDomain;

  constructor(scope: Construct, id: string, { config, ...props }: UsersStackProps) {
    super(scope, id, props);
    this.pool = new UserPool(this, 'Users', {
      userPoolName: config.name,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      mfa: Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      accountRecovery: AccountRecovery.EMAIL_ONLY,
      passwordPolicy: {
        minLength: 12,
        requireLowercase: true,
        requireUppercase: true,
        requireDigits: true,
        requireSymbols: true,
        tempPasswordValidity: Duration.days(3),
      },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    // The prefix is one name space for all accounts of a region.
    this.domain = this.pool.addDomain('SignIn', {
      cognitoDomain: { domainPrefix: `${config.name}-${this.account}` },
    });
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'Users may set up a one-time password; whether they must is for the operator.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason:
          'Threat protection needs the Plus tier, at a price per user; users are few and made by the operator.',
      },
    );
  }
}
