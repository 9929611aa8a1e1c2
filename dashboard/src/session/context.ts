import { createContext, useContext } from 'react';
import type { Api } from '../api/client.ts';

/** Somebody who is signed in. */
export interface Session {
  readonly api: Api;
  /** The user's name in the menu: the beginning of the API key, or the address of the user. */
  readonly name: string;
  readonly signOut: () => void;
}

export const SessionContext = createContext<Session | undefined>(undefined);

/** @throws Error outside of what is shown to those who are signed in */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === undefined) throw new Error('Nobody is signed in.');
  return session;
}

export const useApi = (): Api => useSession().api;
