/* oxlint-disable no-new -- a construct adds itself to its scope */
import { Duration, RemovalPolicy, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  AccountRecovery,
  Mfa,
  StringAttribute,
  UserPool,
  type UserPoolDomain,
  UserPoolOperation,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import invitationMail from '../../lambdas/invitation-mail/function.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface UsersStackProps extends StackProps {
  readonly service: Service;
}

/**
 * The people who use the dashboard. There is no sign-up: the operator makes a tenant's first user,
 * in the group named after the tenant's id. Users invite others.
 */
export class UsersStack extends Stack {
  readonly pool: UserPool;
  readonly domain: UserPoolDomain;

  constructor(scope: Construct, id: string, { service, ...props }: UsersStackProps) {
    super(scope, id, props);
    const { config } = service;
    this.pool = new UserPool(this, 'Users', {
      userPoolName: config.name,
      selfSignUpEnabled: false,
      signInAliases: { email: true },
      signInCaseSensitive: false,
      autoVerify: { email: true },
      customAttributes: {
        // The user's tenant, set at creation; tokens carry the group, which decides.
        tenant: new StringAttribute({ mutable: false, maxLen: 64 }),
        // Who invited, and the tenant's name, for the mail.
        inviter: new StringAttribute({ mutable: false, maxLen: 320 }),
        account: new StringAttribute({ mutable: false, maxLen: 256 }),
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
    const mail = new ServiceFunction(this, 'InvitationMail', {
      service,
      declaration: invitationMail,
    });
    this.pool.addTrigger(UserPoolOperation.CUSTOM_MESSAGE, mail.function);
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
