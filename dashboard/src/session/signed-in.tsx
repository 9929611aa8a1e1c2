import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { useMemo, useState, type ReactNode } from 'react';
import { apiClient, ApiError, isSignedOut } from '../api/client.ts';
import { ChooseAccount, type Account } from './choose-account.tsx';
import type { SignIn } from './config.ts';
import { SessionContext } from './context.ts';
import type { Identity } from './identity.ts';
import type { KeyKind } from './key-kind.ts';
import { SignInPage } from './sign-in-page.tsx';

const RETRIES = 3;

/** Shows its children to those who are signed in, and a sign-in to all others. */
export function SignedIn({
  signIn,
  keyKind,
  returned,
  children,
}: {
  readonly signIn: SignIn;
  readonly keyKind: KeyKind;
  /** The user who came back from the hosted sign-in, or the error that prevented it. */
  readonly returned?: Identity | Error | undefined;
  readonly children: ReactNode;
}) {
  const [identity, setIdentity] = useState(returned instanceof Error ? undefined : returned);
  const [account, setAccount] = useState<Account>();
  const [notice, setNotice] = useState(returned instanceof Error ? returned.message : undefined);
  const signedIn = useMemo(() => {
    if (identity === undefined) return undefined;
    if (identity.choosesAccount === true && account === undefined) return undefined;
    const end = (reason?: string): void => {
      setIdentity(undefined);
      setAccount(undefined);
      setNotice(reason);
    };
    const onError = (error: unknown): void => {
      if (isSignedOut(error)) end((error as Error).message);
    };
    return {
      client: new QueryClient({
        queryCache: new QueryCache({ onError }),
        mutationCache: new MutationCache({ onError }),
        defaultOptions: {
          queries: {
            staleTime: 1_000,
            // The API will refuse again any request that it refused.
            retry: (failures, error) =>
              failures < RETRIES && (!(error instanceof ApiError) || error.status >= 500),
          },
        },
      }),
      session: {
        api: apiClient(identity.token, account?.id),
        name: account === undefined ? identity.name : `${identity.name}, ${account.name}`,
        signOut: () => {
          identity.leave?.();
          end();
        },
      },
    };
  }, [identity, account]);

  if (identity?.choosesAccount === true && account === undefined) {
    return (
      <ChooseAccount
        identity={identity}
        onChosen={setAccount}
        onSignOut={() => {
          identity.leave?.();
          setIdentity(undefined);
        }}
      />
    );
  }
  if (signedIn === undefined) {
    return (
      <SignInPage
        signIn={signIn}
        keyKind={keyKind}
        notice={notice}
        onSignedIn={(who) => {
          setNotice(undefined);
          setIdentity(who);
        }}
      />
    );
  }
  return (
    <QueryClientProvider client={signedIn.client}>
      <SessionContext value={signedIn.session}>{children}</SessionContext>
    </QueryClientProvider>
  );
}
