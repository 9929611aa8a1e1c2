import { challengeOf, newVerifier } from './pkce.ts';
import { forgetSignedIn, noteSignedIn } from './reload.ts';

export interface UserPool {
  readonly origin: string;
  readonly clientId: string;
}

/** Tokens of a user; they live in memory only. */
export interface Tokens {
  /** Returns the access token, requested again shortly before it ends. */
  readonly token: () => Promise<string>;
  /** The user's address. */
  readonly email: string;
}

interface TokenAnswer {
  readonly access_token: string;
  readonly id_token: string;
  readonly refresh_token?: string;
  readonly expires_in: number;
}

/**
 * The state that must survive the redirect to the hosted sign-in and back. None of it is a token.
 */
interface Leaving {
  readonly state: string;
  readonly verifier: string;
  /** Path and query to come back to. */
  readonly path: string;
}

const STORAGE_KEY = 'sign-in';
/** Milliseconds before its end at which an access token is requested again. */
const MARGIN = 60_000;

const redirectUri = (): string => `${location.origin}/`;

/** Goes to the hosted sign-in; the page comes back with a code. */
export async function leaveForSignIn({ origin, clientId }: UserPool): Promise<void> {
  const leaving: Leaving = {
    state: newVerifier(),
    verifier: newVerifier(),
    path: `${location.pathname}${location.search}`,
  };
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(leaving));
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri(),
    scope: 'openid email',
    state: leaving.state,
    code_challenge: await challengeOf(leaving.verifier),
    code_challenge_method: 'S256',
  });
  location.assign(`${origin}/oauth2/authorize?${query}`);
}

/**
 * The tokens for the code that the hosted sign-in sent the page back with; the code is taken out of
 * the address first.
 *
 * @returns undefined where the page was not sent back from there
 * @throws Error where signing in failed
 */
export async function returnFromSignIn(pool: UserPool): Promise<Tokens | undefined> {
  const query = new URLSearchParams(location.search);
  const stored = sessionStorage.getItem(STORAGE_KEY);
  if (stored === null || !query.has('state')) return undefined;
  sessionStorage.removeItem(STORAGE_KEY);
  const leaving = JSON.parse(stored) as Leaving;
  history.replaceState(null, '', leaving.path);
  if (query.get('state') !== leaving.state) {
    throw new Error('This sign-in was not begun here; sign in again.');
  }
  const code = query.get('code');
  if (code === null) {
    const reason = query.get('error_description') ?? query.get('error') ?? 'no code came back';
    throw new Error(`Signing in failed: ${reason}.`);
  }
  const answer = await ask(pool, {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri(),
    code_verifier: leaving.verifier,
  });
  noteSignedIn();
  return tokens(pool, answer);
}

/** Ends the session of the hosted sign-in too; the page comes back signed out. */
export function leaveForSignOut({ origin, clientId }: UserPool): void {
  forgetSignedIn();
  const query = new URLSearchParams({ client_id: clientId, logout_uri: redirectUri() });
  location.assign(`${origin}/logout?${query}`);
}

function tokens(pool: UserPool, first: TokenAnswer): Tokens {
  let current = first;
  let endsAt = Date.now() + first.expires_in * 1000;
  let renewing: Promise<void> | undefined;
  const renew = async (): Promise<void> => {
    if (first.refresh_token === undefined)
      throw new Error('Your session has ended; sign in again.');
    current = await ask(pool, { grant_type: 'refresh_token', refresh_token: first.refresh_token });
    endsAt = Date.now() + current.expires_in * 1000;
  };
  return {
    email: emailOf(first.id_token),
    async token() {
      if (Date.now() > endsAt - MARGIN) {
        // Many requests may wait for one renewal.
        renewing ??= renew().finally(() => {
          renewing = undefined;
        });
        await renewing;
      }
      return current.access_token;
    },
  };
}

async function ask(
  { origin, clientId }: UserPool,
  grant: Readonly<Record<string, string>>,
): Promise<TokenAnswer> {
  const response = await fetch(`${origin}/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({ ...grant, client_id: clientId }),
  });
  if (!response.ok) throw new Error('Your session has ended; sign in again.');
  return (await response.json()) as TokenAnswer;
}

/** For show only: who may do what, the API decides by the access token. */
function emailOf(idToken: string): string {
  const payload = idToken.split('.')[1] ?? '';
  const json = atob(payload.replaceAll('-', '+').replaceAll('_', '/'));
  const { email } = JSON.parse(json) as { email?: string };
  return email ?? 'Signed in';
}
