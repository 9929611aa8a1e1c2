import { Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  Mfa,
  StringAttribute,
  UserPool,
  type UserPoolDomain,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import type { Config } from '../config.ts';

export interface UsersStackProps extends StackProps {
  readonly config: Config;
}

/**
 * The people who use the dashboard. There is no sign-up: the operator makes a tenant's first user,
 * in the group named after the tenant's id. Users invite others.
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
      // The user's tenant, set at creation; tokens carry the group, which decides.
      customAttributes: { tenant: new StringAttribute({ mutable: false, maxLen: 64 }) },
      userInvitation: {
        emailSubject: 'You are invited to Sender domains',
        emailBody:
          'You are invited to the dashboard where your team sets up the domains that it sends mail from; ask whoever invited you for its address.<br><br>Your user name: {username}<br>Your first password, for 3 days: {####}',
      },
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
