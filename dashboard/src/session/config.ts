/**
 * The deployment's way to sign in; `/config.json` has it, since the page is built once for all
 * deployments.
 */
export type SignIn =
  | { readonly kind: 'api-key' }
  | {
      readonly kind: 'cognito';
      /** Of the hosted sign-in: `https://name.auth.eu-west-1.amazoncognito.com`. */
      readonly origin: string;
      readonly clientId: string;
    };

interface Config {
  readonly signIn: SignIn;
}

/** @throws Error where it is not there */
export async function readConfig(): Promise<Config> {
  const response = await fetch('/config.json', { cache: 'no-store' });
  if (!response.ok) {
    throw new Error(
      `/config.json was answered with ${response.status}; the operator finds the reason in the log of the function dashboard.`,
    );
  }
  return (await response.json()) as Config;
}
