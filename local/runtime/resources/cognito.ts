import * as z from 'zod';
import { accepted, resourceType, tags, type ResourceTypes } from '../../template/resource-type.ts';

/**
 * Cognito's user pools, their sign-in domains and clients. Nobody signs in to them here: the
 * dashboard of the local run takes an API key, and a token of a pool that is not there is refused.
 */
export function cognitoTypes(region: string, account: string): ResourceTypes {
  const nobody = accepted('there are no users on the local run');
  return {
    'AWS::Cognito::UserPool': resourceType(
      {
        UserPoolName: z.string(),
        AccountRecoverySetting: nobody,
        AdminCreateUserConfig: nobody,
        AutoVerifiedAttributes: nobody,
        DeletionProtection: nobody,
        EmailVerificationMessage: nobody,
        EmailVerificationSubject: nobody,
        EnabledMfas: nobody,
        MfaConfiguration: nobody,
        Policies: nobody,
        SmsVerificationMessage: nobody,
        UsernameAttributes: nobody,
        UsernameConfiguration: nobody,
        VerificationMessageTemplate: nobody,
        UserPoolTags: tags,
      },
      () => {
        const id = `${region}_local`;
        return {
          ref: id,
          attributes: { Arn: `arn:aws:cognito-idp:${region}:${account}:userpool/${id}` },
        };
      },
    ),
    'AWS::Cognito::UserPoolDomain': resourceType(
      { Domain: z.string(), UserPoolId: z.string() },
      ({ properties: { Domain } }) => ({ ref: Domain }),
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
        GenerateSecret: z.literal(false),
        IdTokenValidity: nobody,
        LogoutURLs: nobody,
        PreventUserExistenceErrors: nobody,
        RefreshTokenValidity: nobody,
        SupportedIdentityProviders: nobody,
        TokenValidityUnits: nobody,
      },
      ({ generatedName }) => ({ ref: generatedName(26) }),
    ),
  };
}
