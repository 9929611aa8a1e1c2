import { useEffect, useSyncExternalStore } from 'react';

let text = '';
const listeners = new Set<() => void>();

/** Has a screen reader read a text, once it has read what it is at. */
export function announce(said: string): void {
  text = said;
  for (const listener of listeners) listener();
}

/** The place of what is announced. */
export function Announcements() {
  const said = useSyncExternalStore(
    (changed) => {
      listeners.add(changed);
      return () => listeners.delete(changed);
    },
    () => text,
  );
  return (
    <div role="status" aria-live="polite" className="frame-aloud" data-testid="announced">
      {said}
    </div>
  );
}

/** Names the page in the window's title, and announces it. */
export function useTitle(title: string): void {
  useEffect(() => {
    document.title = `${title} – Sender domains`;
    announce(title);
  }, [title]);
}
