import * as z from 'zod';
import type { Cognito } from '../../aws/cognito.ts';
import type { Deployment } from '../deployment.ts';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';

/**
 * Defines Cognito's user pools, their sign-in domains and clients. Users are kept, but there is no
 * sign-in: the local dashboard takes an API key, and tokens of missing pools are refused.
 */
export function cognitoTypes(
  cognito: Pick<Cognito, 'createPool'>,
  deployment: Pick<Deployment, 'userPoolTriggers'>,
  { region, account }: { readonly region: string; readonly account: string },
): ResourceTypes {
  const nobody = accepted('nobody signs in on the local run');
  return {
    'AWS::Cognito::UserPool': resourceType(
      {
        UserPoolName: z.string(),
        AccountRecoverySetting: nobody,
        AdminCreateUserConfig: nobody,
        AutoVerifiedAttributes: nobody,
        DeletionProtection: nobody,
        EmailConfiguration: nobody,
        EmailVerificationMessage: nobody,
        EmailVerificationSubject: nobody,
        EnabledMfas: nobody,
        LambdaConfig: z.strictObject({ CustomMessage: z.string() }).optional(),
        MfaConfiguration: nobody,
        Policies: nobody,
        Schema: z
          .array(
            z.strictObject({
              Name: z.string(),
              AttributeDataType: z.literal('String'),
              Mutable: z.boolean(),
              StringAttributeConstraints: z.strictObject({ MaxLength: z.string() }),
            }),
          )
          .default([]),
        SmsVerificationMessage: nobody,
        UsernameAttributes: z.tuple([z.literal('email')]),
        UsernameConfiguration: nobody,
        VerificationMessageTemplate: nobody,
        UserPoolTags: tags,
      },
      ({ properties: { Schema, LambdaConfig, UserPoolName: name } }) => {
        const id = `${region}_local`;
        const arn = `arn:aws:cognito-idp:${region}:${account}:userpool/${id}`;
        const named = (mutable: boolean): string[] =>
          Schema.filter(({ Mutable }) => Mutable === mutable).map(({ Name }) => `custom:${Name}`);
        cognito.createPool(id, { fixed: named(false), mutable: named(true) }, name);
        if (LambdaConfig !== undefined) {
          deployment.userPoolTriggers.push({
            pool: id,
            arn,
            functionArn: LambdaConfig.CustomMessage,
          });
        }
        return { ref: id, attributes: { Arn: arn } };
      },
    ),
    'AWS::Cognito::UserPoolDomain': resourceType(
      { Domain: z.string(), UserPoolId: z.string() },
      ({ properties: { Domain } }) => ({ ref: Domain }),
    ),
    'AWS::Cognito::UserPoolIdentityProvider': resourceType(
      {
        AttributeMapping: nobody,
        ProviderDetails: nobody,
        ProviderName: z.string(),
        ProviderType: z.literal('OIDC'),
        UserPoolId: z.string(),
      },
      ({ properties: { ProviderName } }) => ({ ref: ProviderName }),
    ),
    'AWS::Cognito::UserPoolClient': resourceType(
      {
        UserPoolId: z.string(),
        ClientName: z.string(),
        AccessTokenValidity: nobody,
        AllowedOAuthFlows: nobody,
        AllowedOAuthFlowsUserPoolClient: nobody,
        AllowedOAuthScopes: nobody,
        CallbackURLs: nobody,
        EnableTokenRevocation: nobody,
        ExplicitAuthFlows: nobody,
        GenerateSecret: z.literal(false),
        IdTokenValidity: nobody,
        LogoutURLs: nobody,
        PreventUserExistenceErrors: nobody,
        ReadAttributes: nobody,
        RefreshTokenValidity: nobody,
        SupportedIdentityProviders: nobody,
        TokenValidityUnits: nobody,
        WriteAttributes: nobody,
      },
      ({ generatedName }) => ({ ref: generatedName(26) }),
    ),
  };
}
