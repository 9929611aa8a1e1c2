import { useSyncExternalStore } from 'react';

/** Returns a hook that says if the window fits a media query. */
function hookOf(query: string): () => boolean {
  const list = matchMedia(query);
  const subscribe = (changed: () => void): (() => void) => {
    list.addEventListener('change', changed);
    return () => list.removeEventListener('change', changed);
  };
  return () => useSyncExternalStore(subscribe, () => list.matches);
}

/** Returns true if the window is as narrow as a phone's, by the width of Cloudscape's layouts. */
export const useNarrow = hookOf('(max-width: 688px)');

/** Returns true if there is room for a table of many columns beside the navigation. */
export const useWide = hookOf('(min-width: 1200px)');
