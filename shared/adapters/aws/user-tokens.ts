import { CognitoJwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwtBaseError } from 'aws-jwt-verify/error';
import type { Jwks } from 'aws-jwt-verify/jwk';
import type { UserTokens } from '#shared/app/ports/user-tokens.ts';

/**
 * Access tokens of a Cognito user pool. Its public keys are fetched once and kept.
 *
 * @param userPoolId `eu-west-1_...`
 * @param jwks the pool's public keys, where they are known
 */
export function cognitoUserTokens(userPoolId: string, jwks?: Jwks): UserTokens {
  const verifier = CognitoJwtVerifier.create({
    userPoolId,
    tokenUse: 'access',
    // The pool has one client, whose id the deployment knows only after it has made the API.
    clientId: null,
  });
  if (jwks !== undefined) verifier.cacheJwks(jwks);
  return {
    async userOf(token) {
      try {
        const { username, 'cognito:groups': groups = [] } = await verifier.verify(token);
        return { id: username, groups };
      } catch (error) {
        if (isRefusal(error)) return undefined;
        throw error;
      }
    },
  };
}

/** Any fault of a token refuses it; a failure to fetch the pool's keys does not. */
const isRefusal = (error: unknown): boolean =>
  error instanceof JwtBaseError && !(error instanceof FetchError);
