/** Credentials as the SDK's providers give them. */
interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/**
 * Replaces `@aws-sdk/credential-provider-node` in the bundles of functions. Lambda puts the
 * credentials of a function's role into its environment, so that the providers for profiles, SSO,
 * containers and instances, 100 KB of every bundle, are never used.
 *
 * @throws CredentialsProviderError (the provider) where the environment has none
 */
export const defaultProvider = () => async (): Promise<Credentials> => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (accessKeyId === undefined || secretAccessKey === undefined) {
    const error = new Error('the environment of the function has no AWS credentials');
    error.name = 'CredentialsProviderError';
    throw error;
  }
  return {
    accessKeyId,
    secretAccessKey,
    ...(sessionToken === undefined ? {} : { sessionToken }),
  };
};
