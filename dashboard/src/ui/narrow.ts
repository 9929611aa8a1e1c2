import { useSyncExternalStore } from 'react';

/** The width at which Cloudscape's layout becomes that of a phone. */
const phone = matchMedia('(max-width: 688px)');

/** Returns true if the window is as narrow as a phone's. */
export const useNarrow = (): boolean =>
  useSyncExternalStore(
    (changed) => {
      phone.addEventListener('change', changed);
      return () => phone.removeEventListener('change', changed);
    },
    () => phone.matches,
  );
