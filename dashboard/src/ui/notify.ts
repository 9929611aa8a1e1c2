import { createContext, useContext } from 'react';

export interface Notice {
  readonly type: 'success' | 'error' | 'info' | 'warning';
  readonly content: string;
}

export const NotifyContext = createContext<(notice: Notice) => void>(() => {
  throw new Error('There is no place for notices here.');
});

/** Shows a notice above the page. */
export const useNotify = (): ((notice: Notice) => void) => useContext(NotifyContext);
