/* oxlint-disable no-new -- a construct adds itself to its scope */
import {
  Duration,
  RemovalPolicy,
  SecretValue,
  Stack,
  type StackProps,
  Validations,
} from 'aws-cdk-lib';
import {
  AccountRecovery,
  Mfa,
  StringAttribute,
  UserPool,
  type UserPoolDomain,
  UserPoolEmail,
  UserPoolIdentityProviderOidc,
  UserPoolOperation,
  ProviderAttribute,
} from 'aws-cdk-lib/aws-cognito';
import type { Construct } from 'constructs';
import invitationMail from '../../lambdas/invitation-mail/function.ts';
import type { Config } from '../config.ts';
import { ServiceFunction } from '../constructs/service-function.ts';
import type { Service } from '../constructs/service.ts';

export interface UsersStackProps extends StackProps {
  readonly service: Service;
}

/**
 * The people who use the dashboard. There is no sign-up: the operator makes a tenant's first owner,
 * in the group named after the tenant's id. Owners invite others. Users in the group named after a
 * platform's id act as the platform.
 */
export class UsersStack extends Stack {
  readonly pool: UserPool;
  readonly domain: UserPoolDomain;
  /** The operator's own identity provider, where there is one. */
  readonly provider: UserPoolIdentityProviderOidc | undefined;

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
        // The user's tenant, as releases until 0.2 set it at creation; attributes cannot be taken away.
        tenant: new StringAttribute({ mutable: false, maxLen: 64 }),
        // Who invited first, and the tenant's name, as releases until 0.2 set them.
        inviter: new StringAttribute({ mutable: false, maxLen: 320 }),
        account: new StringAttribute({ mutable: false, maxLen: 256 }),
        // The same of whoever invited last, since an address may be invited by several tenants.
        invited_by: new StringAttribute({ mutable: true, maxLen: 320 }),
        invited_to: new StringAttribute({ mutable: true, maxLen: 256 }),
      },
      mfa: config.users.mfa === 'required' ? Mfa.REQUIRED : Mfa.OPTIONAL,
      mfaSecondFactor: { sms: false, otp: true },
      ...(config.users.from === undefined ? {} : { email: this.#sender(config.users.from) }),
      // With a one-time password required, a mail alone does not sign in.
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
    this.provider = config.users.oidc && this.#identityProvider(config.users.oidc);
    // The prefix is one name space for all accounts of a region.
    this.domain = this.pool.addDomain('SignIn', {
      cognitoDomain: { domainPrefix: `${config.name}-${this.account}` },
    });
    Validations.of(this.pool).acknowledge(
      {
        id: 'AwsSolutions-COG2',
        reason: 'A one-time password is required unless the operator makes it optional.',
      },
      {
        id: 'AwsSolutions-COG8',
        reason:
          'Threat protection needs the Plus tier, at a price per user; users are few and made by the operator.',
      },
    );
  }

  #sender(from: string): UserPoolEmail {
    return UserPoolEmail.withSES({
      fromEmail: from,
      sesRegion: this.region,
      sesVerifiedDomain: from.slice(from.lastIndexOf('@') + 1),
    });
  }

  /** The secret of the client stays in Secrets Manager: CloudFormation reads it when it deploys. */
  #identityProvider({
    name,
    issuer,
    clientId,
    clientSecretName,
  }: NonNullable<Config['users']['oidc']>): UserPoolIdentityProviderOidc {
    return new UserPoolIdentityProviderOidc(this, 'IdentityProvider', {
      userPool: this.pool,
      name,
      issuerUrl: issuer,
      clientId,
      clientSecret: SecretValue.secretsManager(clientSecretName).unsafeUnwrap(),
      scopes: ['openid', 'email'],
      attributeMapping: {
        email: ProviderAttribute.other('email'),
        emailVerified: ProviderAttribute.other('email_verified'),
      },
    });
  }
}
