import { useCallback, useState } from 'react';

/**
 * State that outlasts a reload of the page, as long as the tab is open. For what somebody types;
 * never for keys or tokens.
 */
export function useDraft(name: string, initial: string): [string, (value: string) => void] {
  const key = `draft:${name}`;
  const [value, setValue] = useState(() => sessionStorage.getItem(key) ?? initial);
  const change = useCallback(
    (next: string) => {
      if (next === initial) sessionStorage.removeItem(key);
      else sessionStorage.setItem(key, next);
      setValue(next);
    },
    [key, initial],
  );
  return [value, change];
}
